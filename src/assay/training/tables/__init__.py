"""Classifiers of rows of a table: fitted by scikit-learn, kept and asked as ONNX."""
