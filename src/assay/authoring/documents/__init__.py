"""Components described by a YAML file: a container of ours, KFP components of both generations, CWL tools. Told by content."""

from assay.authoring.documents.kinds import DocumentKind, document_kind, read_document

__all__ = ["DocumentKind", "document_kind", "read_document"]
