"""``input/image-folder``: real images from a folder, with or without a table beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from assay import ComponentError, Images, Param, component, step
from assay.data.filefacts import COLUMNS as FILE_COLUMNS
from assay.data.images import ImagesMeta, Intensity, read_index
from assay.data.intake import Labels, Reader
from assay.data.listing import Columns, Listed, from_folder, from_table
from assay.data.reading import Frames


class ImageFolder(NamedTuple):
    """Outputs of ``image_folder``."""

    images: Images
    unreadable: int


@component(
    "input/image-folder",
    version="1.1.0",
    tags=("data", "ct", "x-ray", "dicom", "nifti"),
    requires=("numpy", "pandas", "pillow"),
    licence="Apache-2.0",
    preload=("numpy", "pandas", "PIL.Image", "PIL.ImageOps"),
)
def image_folder(
    *,
    folder: Annotated[Path, Param(path="folder")],
    table: Annotated[Path | None, Param(path="file")] = None,
    file_column: Annotated[str, Param(column_of="table")] = "file",
    label_column: Annotated[str, Param(column_of="table")] = "label",
    patient_column: Annotated[str | None, Param(column_of="table")] = None,
    age_column: Annotated[str | None, Param(column_of="table")] = None,
    sex_column: Annotated[str | None, Param(column_of="table")] = None,
    split_column: Annotated[str | None, Param(column_of="table")] = None,
    keep: Annotated[list[str] | None, Param(column_of="table")] = None,
    rows: dict[str, Any] | None = None,
    patient_pattern: str = "",
    labels: list[str] | None = None,
    label_map: dict[str, str] | None = None,
    positive: str = "",
    frames: Literal["middle", "all", "every"] = "middle",
    every: Annotated[int, Param(min=1, unit="slices")] = 5,
    intensity: Literal["auto", "hounsfield", "grey"] = "auto",
    offset: Annotated[int, Param(unit="HU")] = -1024,
    max_unreadable: Annotated[float, Param(min=0.0, max=1.0, unit="share")] = 0.05,
    hash_patients: Literal["never", "tags", "always"] = "tags",
    salt: str = "",
) -> ImageFolder:
    """Read images from a folder: PNG, JPEG, TIFF, DICOM or NIfTI.

    With a table (CSV) each row names a file, its label and what else is known; without one the first sub-folders are the
    labels. CT in DICOM and NIfTI keeps its Hounsfield units; everything else becomes grey: colours by BT.601, transparency
    over black, turned as EXIF says, MONOCHROME1 inverted. Ages such as 063Y and sexes such as female are made alike.
    Names and UIDs of DICOM files are never copied. What a file says of itself beside its pixels is kept for evaluate/shortcut-audit.
    Files that cannot be read are listed in unreadable.csv with the reason.

    Args:
        folder: Where the images lie.
        table: CSV with a header row; its paths are relative to the folder and stay inside it.
        file_column: Column with the path of an image.
        label_column: Column with what the image shows.
        patient_column: Column with the patient; default: 'patient' where there is one, else what DICOM says, else the file.
        age_column: Column with years or 063Y; default: 'age' where there is one, else what DICOM says.
        sex_column: Column with the sex; default: 'sex' where there is one, else what DICOM says.
        split_column: Column with the official split; default: 'split' where there is one.
        keep: Further columns to carry along.
        rows: Read only rows whose cell in a column is this value, or one of these values.
        patient_pattern: Without a table: regular expression whose first group is the patient in the path below the label.
        labels: All labels in order; another label is an error. Default: those found, sorted.
        label_map: Old label to new label, before labels is looked at.
        positive: The positive label; default: the second where labels states two, else not stated.
        frames: Which pictures of a volume or multi-frame file to take.
        every: Distance of the pictures taken by 'every'.
        intensity: What the pixels mean where a file does not say; auto: grey, or Hounsfield for NIfTI volumes below -200.
        offset: HU of a stored zero in 16-bit pictures, with intensity hounsfield.
        max_unreadable: Share of unreadable files above which the step fails.
        hash_patients: Replace patient ids by a hash: never, those from DICOM tags, or always.
        salt: Text the hashes depend on; the same text gives the same hashes.

    Returns:
        images: All readable images; source is the file they come from.
        unreadable: Number of files that could not be read; unreadable.csv in images lists them.
    """
    if not folder.is_dir():
        raise ComponentError("the folder of images is not there", culprit=str(folder))
    if table is None:
        listed = from_folder(folder, patient_pattern)
        if not patient_pattern:
            print("warning: each file counts as a patient of its own; name patients by patient_pattern or a table")
    else:
        columns = Columns(file_column, label_column, patient_column, age_column, sex_column, split_column, keep or [])
        listed = from_table(table, columns, rows or {})
    listed, order, chosen = Labels(labels or (), positive, label_map or {}).applied(listed)
    reader = Reader(
        folder=folder,
        frames=Frames(frames, every),
        unit=None if intensity == "auto" else Intensity(intensity),
        offset=offset,
        hashed=hash_patients,
        salt=salt,
        most_unreadable=max_unreadable,
    )
    images = step.output("images", Images)
    meta = ImagesMeta(labels=order, positive=chosen, source=f"{len(listed)} files of a folder", columns=_COLUMNS)
    refused = reader.read(listed, images.path, meta, lambda done, total: step.progress(done, total, "files"))
    _tell(images, listed, len(refused))
    return ImageFolder(images, unreadable=len(refused))


_COLUMNS = {
    "source": "The file an image comes from; a hash for DICOM, whose file names often are UIDs.",
    "frame": "Position in a volume or multi-frame file, from 0; empty for a single picture.",
    "sex": "F, M, other or unknown.",
    "age": "Years; empty when not known.",
    **FILE_COLUMNS,
}


def _tell(images: Images, listed: list[Listed], refused: int) -> None:
    index = read_index(images)
    sexes = ", ".join(f"{sex} {count}" for sex, count in index["sex"].value_counts().items())
    ages = int(index["age"].notna().sum())
    print(
        f"{len(index)} images of {index['patient'].nunique()} patients from {len(listed)} files, {refused} unreadable"
    )
    print(f"sex: {sexes}; age known for {ages} images")
