"""What the text of a data reference tells: its version, whether that moves, whether it is data at all."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from paydown.flow.access import is_model
from paydown.flow.events import Load, Read, Reference
from paydown.flow.values import Value

_DAY = r"(?:19|20)\d\d(?P<sign>[-_./]?)(?:0[1-9]|1[0-2])(?P=sign)(?:0[1-9]|[12]\d|3[01])"
_VERSION = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})(?![0-9a-f])"  # a commit, a hash, a run
    r"|/(?:raw|blob|resolve|tree)/(?=[0-9a-f]*\d)[0-9a-f]{7,40}/"
    r"|(?:^|[/@_.=-])v\d+(?:\.\d+)*(?=[/_.?&-]|$)|[/@]\d+\.\d+(?:\.\d+)+(?=[/_-]|\.\D|$)|@\d+\.\d+(?=/|$)"  # a tag
    r"|:v\d+$|/versions?/\d+|/releases/download/"
    r"|doi\.org/|(?:^|[/:])10\.\d{4,9}/|zenodo\.org/(?:api/)?(?:records?|files)/|persistentId="
    r"|figshare\.com/(?:ndownloader/)?(?:articles|files)/\d+|web\.archive\.org/web/\d{6,}"
    rf"|(?<!\d){_DAY}(?:[T_-]?\d{{2}}[-:_]?\d{{2}}(?:[-:_]?\d{{2}})?)?(?!\d)|(?<!\d)(?:19|20)\d\d[-_](?:0[1-9]|1[0-2])(?!\d)|\b(?:dt|ds|date|year)=(?:19|20)\d\d"
    r"|[?&](?:versionId|version_id|version|generation|rev|revision|commit|sha|sha256|snapshot|v)=\w"
    r"|\b(?:VERSION|TIMESTAMP)\s+AS\s+OF\b|\bFOR\s+(?:SYSTEM_TIME|SYSTEM_VERSION|VERSION|TIMESTAMP)\s+AS\s+OF\b"
    r"|\bAT\s*\((?:VERSION|TIMESTAMP|OFFSET|STATEMENT)\b",
    re.IGNORECASE,
)
_BRANCH = re.compile(
    r"(?:raw\.githubusercontent\.com/[^/]+/[^/]+|media\.githubusercontent\.com/media/[^/]+/[^/]+|rawgit\.com/[^/]+/[^/]+|github\.com/[^/]+/[^/]+/(?:raw|blob)"
    r"|gitlab\.[^/]+/.+?/-/raw|bitbucket\.org/[^/]+/[^/]+/raw|cdn\.jsdelivr\.net/gh/[^/]+/[^/@]+@"
    r"|huggingface\.co/.+?/(?:resolve|blob|raw))/?(?:refs/heads/)?(?P<branch>[^/?]+)/"
)
_DATED = re.compile(rf"(?<!\d){_DAY}(?!\d)|(?<![0-9a-f])[0-9a-f]{{40}}(?![0-9a-f])")
_GIST = re.compile(r"gist\.github(?:usercontent)?\.com/[^/]+/[0-9a-f]+/raw/(?![0-9a-f]{40})")
_LATEST = re.compile(r"(?:^|[/:=_.@-])(?P<moving>latest|current|head|newest)(?=[/_.?&-]|$)", re.IGNORECASE)
_FIXED = re.compile(r"(?=[0-9a-f]*\d)[0-9a-f]{7,40}|v?\d+(?:\.\d+)+\S*|v\d+|[\w-]*(?:19|20)\d\d[-_.]?\d\d\S*")

_KAGGLE = re.compile(r"(?:^|/)kaggle/input/|^(?:\.\./)+input/")
_SHIPPED_PATHS = ("/databricks-datasets/", "dbfs:/databricks-datasets/", "/content/sample_data/", "sample_data/")
_DERIVED = re.compile(
    r"(?:^|[/\\])(?:[\w-]*outputs?[\w-]*|processed|preprocessed|interim|intermediate|derived|results?|predictions?|preds?|artifacts?"
    r"|artefacts?|submissions?|cache|caches|\.cache|te?mp|runs?|mlruns|logs?|checkpoints?|models?|reports?|exports?"
    r"|generated|working|enriched|features|oof|eval|evaluation)[/\\]"
    r"|(?:^|[/\\_.-])(?:(?:pre)?processed|cleaned|clean|predictions?|preds|oof|outputs?|results?|enriched|embeddings"
    r"|scores?)[^/\\]*\.\w+$",
    re.IGNORECASE,
)
_SYSTEM = ("/dev/", "/proc/", "/sys/", "/etc/")
_MOUNTED = ("/opt/ml/",)  # where SageMaker puts what a job is given

_DATA = frozenset(
    [
        "csv",
        "tsv",
        "tab",
        "psv",
        "jsonl",
        "ndjson",
        "parquet",
        "pq",
        "feather",
        "arrow",
        "avro",
        "orc",
        "pkl",
        "pickle",
        "npy",
        "npz",
        "h5",
        "hdf5",
        "hdf",
        "mat",
        "sav",
        "dta",
        "por",
        "sas7bdat",
        "xls",
        "xlsx",
        "xlsm",
        "xlsb",
        "ods",
        "db",
        "sqlite",
        "sqlite3",
        "duckdb",
        "tfrecord",
        "tfrecords",
        "arff",
        "libsvm",
        "svm",
        "svmlight",
        "nc",
        "nc4",
        "grib",
        "grib2",
        "shp",
        "geojson",
        "gpkg",
        "fasta",
        "fastq",
        "fa",
        "fq",
        "vcf",
        "bam",
        "wav",
        "mp3",
        "flac",
        "ogg",
        "mp4",
        "avi",
        "mov",
        "dcm",
        "nii",
        "png",
        "jpg",
        "jpeg",
        "tif",
        "tiff",
        "bmp",
        "webp",
        "rds",
        "rdata",
        "data",
        "lmdb",
        "zip",
        "gz",
        "tgz",
        "tar",
        "bz2",
        "xz",
        "7z",
        "rar",
        "zst",
        "las",
        "laz",
        "ply",
        "edf",
        "fits",
        "root",
        "xpt",
        "dbf",
    ]
)
_PICTURES = frozenset(
    ["png", "jpg", "jpeg", "tif", "tiff", "bmp", "webp", "gif", "mp4", "avi", "mov", "wav", "mp3", "ogg"]
)
_OPENED_DATA = _DATA - frozenset(
    ["zip", "gz", "tgz", "tar", "bz2", "xz", "7z", "rar", "zst", "png", "jpg", "jpeg", "pkl", "pickle", "mp3", "mp4"]
)
_WEIGHTS = frozenset(
    [
        "pt",
        "pth",
        "onnx",
        "safetensors",
        "ckpt",
        "keras",
        "tflite",
        "gguf",
        "joblib",
        "pb",
        "caffemodel",
        "weights",
    ]
)
_FETCHED = frozenset({"response", "buffer", "path", "unknown"})
_PICKLED = frozenset({"pkl", "pickle", "h5", "hdf5", "gz", "zip", "tar", "json"})
_ARCHIVED = frozenset(["gz", "bz2", "xz", "zst", "zip"])
_PLAIN = frozenset(
    [
        "py",
        "ipynb",
        "sh",
        "sql",
        "md",
        "rst",
        "html",
        "htm",
        "css",
        "js",
        "ts",
        "yaml",
        "yml",
        "toml",
        "ini",
        "cfg",
        "conf",
        "env",
        "lock",
        "xml",
        "log",
        "r",
        "jl",
        "c",
        "cpp",
        "h",
        "java",
        "proto",
        "j2",
        "jinja",
        "tmpl",
        "template",
        "svg",
        "pdf",
        "pem",
        "crt",
        "key",
        "crt",
        "tex",
        "bib",
        "dockerfile",
        "tf",
        "tfvars",
    ]
)
_DOWNLOADS = _ARCHIVED | frozenset(
    [
        "csv",
        "tsv",
        "json",
        "jsonl",
        "ndjson",
        "parquet",
        "xlsx",
        "xls",
        "tgz",
        "tar",
        "7z",
        "npz",
        "npy",
        "h5",
        "txt",
        "data",
        "db",
    ]
) - {"zst"}
_SETTINGS = re.compile(
    r"(?:^|[^a-z])(?:conf|config|configs|configuration|settings?|params?|parameters|hyper\w*|credentials?|creds?|secrets?"
    r"|tokens?|keys?|auth|meta|metadata|schema|manifest|package|vocab\w*|label_?map\w*|labels?|classes|class_\w+"
    r"|id2label|index_to_name|args|state|tokenizer\w*|metrics?|results?|report|versions?|service|client|spec|model\w*"
    r"|history|log|info|dag|pipeline|job|columns|features|mapping|map|lookup|encod\w+|prompt\w*|template\w*|kaggle"
    r"|account|rc|\w*rc|styles?|themes?|deployment|endpoint|payload|request|response|input|instances?|env|environment|output|test_\w+)"
    r"(?:[^a-z]|$)"
)
_CORPUS = frozenset(
    [
        "data",
        "dataset",
        "datasets",
        "corpus",
        "corpora",
        "train",
        "training",
        "test",
        "val",
        "valid",
        "raw",
        "sentences",
    ]
)
_PLACEHOLDER = re.compile(
    r"\bBUCKET_NAME\b|\?{2,}|[<{][^<>{}]*[>}]|\bYOUR[_-]|\byour[_-]|\.\.\.|…|(?:path/to|PATH_TO|path_to)\b"
)
_CONNECTION = re.compile(r"(?:sqlite|duckdb|postgres(?:ql)?|mysql|mssql|oracle|snowflake|redshift)(?:\+\w+)?://")
_HOSTS = re.compile(r"//(?:localhost|127\.|0\.0\.0\.0|10\.|192\.168\.|169\.254\.|\[::1\]|[^./:]+(?::\d+)?/)")


@lru_cache(maxsize=4096)
def version_in(location: str) -> bool:
    """Whether a location names a version: a commit, a tag, a DOI, a dated partition."""
    return _VERSION.search(location) is not None and not _GIST.search(location)


def names_version(event: Read | Load, location: str) -> bool:
    """Whether the name of something in a hub holds its version: on Hugging Face only a date does, `-v2` is one of names."""
    if event.reference is not None and event.reference.scheme == "hf":
        return _DATED.search(location) is not None
    return version_in(location)


@lru_cache(maxsize=4096)
def moving_in(location: str) -> str:
    """The part of a location that names a moving version (``main``, ``latest``); empty when there is none."""
    branch = _BRANCH.search(location)
    if branch is not None:
        named = branch["branch"]
        return "" if _FIXED.fullmatch(named) else named
    if _GIST.search(location):
        return "raw"
    latest = _LATEST.search(location)
    return latest["moving"] if latest is not None else ""


def extension(location: str) -> str:
    """The extension of the file a location names, below that of its compression."""
    name = PurePosixPath(location.partition("?")[0].partition("#")[0]).name.lower()
    parts = name.split(".")
    while len(parts) > 2 and parts[-1].isdigit():  # `scan.png.1`
        parts.pop()
    if len(parts) > 2 and parts[-1] in _ARCHIVED and parts[-2] != "tar":
        return parts[-2]
    return parts[-1] if len(parts) > 1 else ""


def is_data(event: Read, reference: Reference) -> bool:
    """Whether what is read is data: not code, settings, prose, or the answer of a service."""
    location, ending = reference.location, extension(reference.location)
    match event.call:
        case "builtins.open" | "io.open" | "codecs.open" | "path.open" | "path.read_text" | "path.read_bytes":
            return ending in _OPENED_DATA or (ending == "txt" and _is_corpus(location))
        case "gzip.open" | "bz2.open" | "lzma.open":
            return ending not in _PLAIN
        case "json.load" if reference.scheme == "http":
            return ending in _DATA | {"json"} and not _HOSTS.search(location)  # else a service's answer
        case "json.load":
            return _is_data_file(location)
    if event.what in _FETCHED and ending in _PICKLED and is_model(location):
        return False
    if event.what == "response":
        return ending in _DATA - _PICTURES and not (reference.scheme == "http" and _HOSTS.search(location))
    if ending in _PICTURES and "*" not in location:
        return False  # one picture is looked at, a folder of them is learned from
    if event.call.startswith(("yaml.", "toml.", "tomllib.")):
        return False
    if ending in _WEIGHTS and is_model(location) is not False:
        return False
    if ending == "json" and event.what not in ("frame", "loader"):
        return _is_data_file(location)
    return ending not in _PLAIN - {"xml", "html", "htm", "pdf", "md"}


def _is_corpus(location: str) -> bool:
    """Whether a text file's place says that it is data: most texts that ``open`` reads are none."""
    words = re.split(r"[^a-z]+", location.lower())
    return not _CORPUS.isdisjoint(words) and _is_data_file(location)


def _is_data_file(location: str) -> bool:
    path = PurePosixPath(location.lower())
    return not _SETTINGS.search(path.name) and not any(_SETTINGS.search(part) for part in path.parts[-2:-1])


def is_download(address: str) -> bool:
    """Whether what a shell command downloads is data."""
    return extension(address) in _DOWNLOADS


def is_kaggle(location: str) -> bool:
    """Whether a path leads into the folder where Kaggle puts a kernel's data."""
    return _KAGGLE.search(location) is not None


def is_derived(location: str) -> bool:
    """Whether a path leads into a folder whose name says that a program fills it: its own inputs count instead."""
    return _DERIVED.search(location) is not None


def is_placeholder(location: str) -> bool:
    """Whether a location is one to be filled in."""
    return _PLACEHOLDER.search(location) is not None


def is_provided(location: str) -> bool:
    """Whether a path leads to data that the place it runs in (Databricks, Colab) brings along."""
    return location.startswith(_SHIPPED_PATHS)


def is_system(location: str) -> bool:
    """Whether a path belongs to the machine's system, or to the job that runs there, not to anybody's data."""
    return location.startswith(_SYSTEM + _MOUNTED) or location in ("-", "/") or re.match(r"~/\.", location) is not None


def shown(location: str, most: int = 60) -> str:
    """A location, short enough for a message."""
    if len(location) <= most:
        return location
    if "://" in location:
        parts = urlsplit(location)
        name = parts.path.rstrip("/").rpartition("/")[2]
        if parts.query and "." not in name:
            name = f"{name}?{parts.query}"
        short = f"{parts.scheme}://{parts.netloc}/…/{name}"
        if len(short) <= most:
            return short
        return "…" + name[-most + 1 :] if name else location[: most - 1] + "…"
    if any(sign in location for sign in "/\\") and " " not in location:
        return "…" + location[-most + 1 :]
    return location[: most - 1] + "…"


def connection_of(event: Read) -> Value | None:
    """The database connection that a query goes through, if one is known."""
    for value in (event.receiver, *event.arguments, *(value for _, value in event.keywords)):
        if value.kind == "connection":
            return value
        if value.text and _CONNECTION.match(value.text):
            return value._replace(kind="connection")
    return None


def floating(event: Read | Load) -> str:
    """What moves in the version that a read or load names: part of its location, or the argument it lacks."""
    if event.versioned:
        return ""
    location = event.reference.location if event.reference is not None else ""
    if event.hub and event.version:
        return "" if names_version(event, location) else event.version
    if location and not version_in(location):
        return moving_in(location)
    return ""
