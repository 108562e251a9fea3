"""A bare KServe custom model: the same ONNX file, asked by ONNX Runtime, nothing else."""

import sys
import uuid

import kserve
import onnxruntime


class Bare(kserve.Model):
    """Answers with the logits of one network."""

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.ready = True

    def predict(self, payload: kserve.InferRequest, headers: object = None) -> kserve.InferResponse:  # noqa: ARG002
        """Answer one request."""
        logits = self._session.run(["logits"], {"image": payload.inputs[0].as_numpy()})[0]
        output = kserve.InferOutput("logits", list(logits.shape), "FP32")
        output.set_data_from_numpy(logits, binary_data=False)
        return kserve.InferResponse(
            payload.id or uuid.uuid4().hex, self.name, [output]
        )  # without an id the answer is a 500


if __name__ == "__main__":
    path, port = sys.argv[1:]
    kserve.ModelServer(http_port=int(port), enable_grpc=False, workers=1, access_log_format=None).start(
        [Bare("bench", path)]
    )
