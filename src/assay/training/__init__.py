"""Fitting image classifiers: networks, batches, augmentation, the loop, and the export to ONNX."""
