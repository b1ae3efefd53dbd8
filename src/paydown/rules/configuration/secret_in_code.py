"""A credential stands in the text.

Whoever gets the file, a copy of it or an old commit gets the access; and a key that has to be replaced has to be found
first, in every notebook that has it.

```python bad
import os

from openai import OpenAI

client = OpenAI(api_key="sk-proj-9fK2vLq7Xw3TzB8mRc5NhYd1")  # debt: an OpenAI key stands in the text, in every copy of this file: revoke it, read it from the environment
os.environ["DB_PASSWORD"] = "t7Gz!kQ2vW9x"  # debt: `DB_PASSWORD` is given in plain text, in every copy of this file: revoke it, read it from the environment
```

```python good
import os

from openai import OpenAI

client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])
password = os.environ["DB_PASSWORD"]
token = "<your token>"
pad_token = "[PAD]"
```

**How to pay it off.** Revoke the credential first: deleting the line leaves it in the history. Then read the new one from
the environment or a secret store.

**When to accept it.** When it opens nothing: a throw-away database on this machine, a key that is public by design.

Known formats of keys count, and so do passwords in addresses and texts of high entropy that are given to a name which
says password, token, secret or key. Left out: placeholders, keys that are public by name (`pk.…`), names of variables and of secrets,
passwords everybody uses for local databases, those that say so as the default of a variable (`admin123`), and in test code all but the
known formats.

*Sculley et al., 2015, section 6: Configuration debt.*
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from paydown.rule import WARNING, Draft, Rule
from paydown.span import Span
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD607",
    severity=WARNING,
    principal=15,
    message="{what}, in every copy of this file: revoke it, read it from the environment",
)

_FORMATS = {
    "an AWS key": r"(?<!Credential=)\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "an AWS secret": r"(?i:aws_?secret_?(?:access_?)?key)[\"']?\s*\]?\s*[=:,]\s*[\"']?[A-Za-z0-9/+]{40}(?=[\"'\s]|$)",
    "a GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_\w{40,}",
    "an Anthropic key": r"\bsk-ant-[\w-]{24,}",
    "a Langfuse key": r"\bsk-lf-[0-9a-f]{8}-[0-9a-f-]{20,}",
    "a Stripe key": r"\b[sr]k_live_[0-9A-Za-z]{20,}",
    "a Groq key": r"\bgsk_[0-9A-Za-z]{40,}",
    "a LangSmith key": r"\blsv2_(?:pt|sk)_[0-9a-f]{20,}",
    "a Replicate token": r"\br8_[0-9A-Za-z]{37}\b",
    "a Pinecone key": r"\bpcsk_\w{30,}",
    "a Tavily key": r"\btvly-(?:dev-)?[0-9A-Za-z]{24,}",
    "a Perplexity key": r"\bpplx-[0-9a-zA-Z]{40,}",
    "an xAI key": r"\bxai-[0-9A-Za-z]{60,}",
    "a Google client secret": r"\bGOCSPX-[\w-]{20,}",
    "a PyPI token": r"\bpypi-AgEI[\w-]{40,}",
    "an npm token": r"\bnpm_[0-9A-Za-z]{36}\b",
    "a Telegram bot's token": r"\b\d{8,10}:AA[\w-]{33}\b",
    "a Mailgun key": r"\bkey-[0-9a-f]{32}\b",
    "a Weights & Biases key": r"wandb login (?:--relogin )?[0-9a-f]{40}\b|wandb\.login\(\s*(?:key\s*=\s*)?[\"'][0-9a-f]{40}[\"']|WANDB_API_KEY[\"']?\]?\s*=\s*[\"']?[0-9a-f]{40}\b",
    "a Kaggle token": r"\bKGAT_[0-9a-f]{32}\b",
    "a Kaggle key": r"[\"']username[\"']\s*:\s*[\"']\w+[\"']\s*,\s*[\"']key[\"']\s*:\s*[\"'][0-9a-f]{32}[\"']|KAGGLE_KEY[\"']?\]?\s*=\s*[\"']?[0-9a-f]{32}\b",
    "a signed token": r"\beyJ[\w-]{15,}\.eyJ[\w-]{30,}\.[\w-]{30,}",
    "an Azure access key": r"SharedAccessKey=[A-Za-z0-9+/]{40,}={0,2}",
    "a password of a connection": r"(?i:(?:uid|user id|user|server|driver|data source)\s*=[^\"';]*;[^\"']*?\b(?:pwd|password)\s*=\s*)(?P<password>[^\s;\"'{}<>$%*]{4,})(?=[;\"'])",
    "an OpenAI key": r"\bsk-(?:proj-|svcacct-)?(?=[\w-]*\d)[A-Za-z0-9_-]{24,}",
    "a Hugging Face token": r"\bhf_[A-Za-z0-9]{30,}\b",
    "a Slack token": r"\bxox[baprs]-\d{6,}-[\w-]{10,}",
    "a Slack webhook": r"hooks\.slack\.com/services/T\w{6,}/B\w{6,}/\w{16,}",
    "a Google key": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "a GitLab token": r"\bglpat-[\w-]{20}\b",
    "a Databricks token": r"\bdapi[0-9a-f]{32}\b",
    "a SendGrid key": r"\bSG\.[\w-]{20,24}\.[\w-]{40,}",
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?=[\s\\n]+[A-Za-z0-9+/]{40})",
    "an Azure storage key": r"AccountKey=[A-Za-z0-9+/]{60,}={0,2}",
    "a password in an address": r"\b[a-z][a-z0-9+]+://[^\s:/@\"'{}<>$]+:(?P<password>[^\s:/@\"'{}<>$%*]{4,})@[\w.-]+",
}
_KEYS = {what: re.compile(pattern) for what, pattern in _FORMATS.items()}
# What a key of each format has in it: looked for first, as that is the cheaper question.
_NEEDLES = {
    "an AWS key": ("AKIA", "ASIA"), "an AWS secret": ("ecret", "SECRET"), "a GitHub token": ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    "an Anthropic key": ("sk-ant-",), "an OpenAI key": ("sk-",), "a Langfuse key": ("sk-lf-",), "a Stripe key": ("k_live_",),
    "a Groq key": ("gsk_",), "a LangSmith key": ("lsv2_",), "a Replicate token": ("r8_",), "a Pinecone key": ("pcsk_",),
    "a Tavily key": ("tvly-",), "a Perplexity key": ("pplx-",), "an xAI key": ("xai-",), "a Google client secret": ("GOCSPX-",),
    "a PyPI token": ("pypi-AgEI",), "an npm token": ("npm_",), "a Telegram bot's token": (":AA",), "a Mailgun key": ("key-",),
    "a Weights & Biases key": ("wandb", "WANDB_API_KEY"), "a Kaggle key": ("username", "KAGGLE_KEY"), "a Kaggle token": ("KGAT_",),
    "a signed token": ("eyJ",), "an Azure access key": ("SharedAccessKey=",), "a Hugging Face token": ("hf_",),
    "a Slack token": ("xox",), "a Slack webhook": ("hooks.slack.com",), "a Google key": ("AIza",), "a GitLab token": ("glpat-",),
    "a Databricks token": ("dapi",), "a SendGrid key": ("SG.",), "a private key": ("PRIVATE KEY",),
    "an Azure storage key": ("AccountKey=",), "a password in an address": ("@",),
    "a password of a connection": ("pwd", "PWD", "Pwd", "password", "PASSWORD", "Password"),
}  # fmt: skip
_TELLING = re.compile(
    r"(?<![\w-])(?P<name>[\w-]*?(?:passw(?:or)?d|pwd|secret|token|api[_-]?key|access[_-]?key|consumer_?key|auth_?key|account_?key|credential|client_?secret)(?:[_.-]?(?:id|key|value|v))?\d?)"
    r"[\"']?\s*\]?\s*(?:=|:|,)\s*(?:str\()?[rbf]?(?P<quote>[\"'])(?P<value>[^\"'\s]{8,})(?P=quote)",
    re.IGNORECASE,
)
_TELLING_WORD = re.compile("passw|pwd|secret|token|key|credential")  # one stands in each such name
# Other places where a secret is told by what stands around it.
_AROUND = {
    "a bearer token": re.compile(r"\b(?:Bearer|Token)\s+(?P<value>[\w.~+=-]{20,})(?=[\"'])"),
    "a key in an address": re.compile(
        r"[?&](?:api_?key|appid|app_?key|access_token|auth_?token|subscription-key)=(?P<value>[\w-]{20,})(?=[\"'&])",
        re.IGNORECASE,
    ),
    "a mail account's password": re.compile(
        r"\.login\(\s*[\"'][^\"'\s]+@[^\"'\s]+[\"']\s*,\s*[\"'](?P<value>[^\"']{8,40})[\"']\s*\)"
    ),
    "a password": re.compile(r"\bauth\s*=\s*\(\s*[\"'][^\"'\s]+[\"']\s*,\s*[\"'](?P<value>[^\"'\s]{8,})[\"']\s*\)"),
}
_SET = re.compile(
    r"^[ \t]*(?:%(?:set_)?env|!?[ \t]*export)[ \t]+(?P<name>\w*(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_KEY)\w*)[ \t]*[= ][ \t]*"
    r"(?P<value>[^\s\"'$]{8,})[ \t]*$",
    re.MULTILINE,
)
_OTHER = re.compile(
    r"tokenizer|tokens|(?:pad|unk|mask|cls|sep|bos|eos|oov|stop|start|end|special|image|next|sentinel)_?token|token_?(?:type|url|uri|name|pattern|ids?)|public|name|path|file|secret_?id",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"x{3,}|\*{3,}|\.{3}|…|your|insert|replace|change|example|placeholder|dummy|sample|redacted|hidden|removed|secret|password"
    r"|passwd|<|>|\{|\}|\$|\bmy[_-]|test|fake|todo|1234567|abcdef|/|\\|://|^pk[._]|^[A-Z_]+$|^[a-z_.-]+$|^[A-Za-z_]+$",
    re.IGNORECASE,
)
# What people type where any password does: as the default of a variable, in an example, in a test.
_MADE_UP = re.compile(r"admin|(?<![a-z])dev|demo|local|guest|root|p[a@]ss|pwd|welcome|qwerty|letmein", re.IGNORECASE)
_EXAMPLE = re.compile(
    r"(?:secure|strong|new|old|current|wrong|my|valid|super|s3cur[e3])_?(?:p[a@]ss|pwd)|hunter2", re.IGNORECASE
)
_DEFAULT = re.compile(r"(?:getenv|environ\.get|environ\.setdefault|config|env|get)\(")
_PASSED = re.compile(r"\(\s*[\"'][\w.-]*$")  # in front of the name of what is set: `set("fs.secret.key", "…")`
_COMMON = frozenset(
    [
        "123456",
        "12345",
        "1234",
        "12345678",
        "postgres",
        "root",
        "admin",
        "guest",
        "user",
        "mysql",
        "example",
        "pass",
        "airflow",
        "minio",
        "minioadmin",
    ]
)
_ENOUGH = 3.0  # bits a character: what people type lies below, what machines draw above


@rule.check_where(
    "akia", "asia", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "sk-", "hf_", "xox", "slack.com", "aiza", "glpat-",
    "dapi", "sg.", "k_live_", "gsk_", "lsv2_", "r8_", "tvly-", "pplx-", "xai-", "gocspx", "kgat_", "pypi-", "npm_", ":aa", "eyj", "private", "@", "passw", "pwd", "secret", "token", "key", "credential", "bearer", "appid", "auth",
)  # fmt: skip
def written(cell: CellView) -> Iterator[Draft]:
    """Keys of known formats; texts of high entropy under a telling name."""
    text = cell.text
    found: dict[int, tuple[int, str]] = {}
    for what, pattern in _KEYS.items():
        if any(map(text.__contains__, _NEEDLES[what])):
            for match in pattern.finditer(text):
                start, end = match.span("password") if what == "a password of a connection" else match.span()
                if not _is_placeholder(match):
                    found.setdefault(start, (end, f"{what} stands in the text"))
    if cell.mentions("bearer", "token ", "key=", "token=", "appid=", ".login(", "auth"):
        for what, pattern in _AROUND.items():
            for match in pattern.finditer(text):
                kind = "password" if "password" in what else ""
                if _is_secret(match["value"], kind) and not _EXAMPLE.search(match["value"]):
                    found.setdefault(match.start("value"), (match.end("value"), f"{what} stands in the text"))
    for match in _SET.finditer(text) if "%" in text or "export" in text else ():
        known = _is_found(found, *match.span("value")) or _OTHER.search(match["name"])
        if not known and _is_secret(match["value"], match["name"]):
            found.setdefault(match.start("value"), (match.end("value"), f"`{match['name']}` is given in plain text"))
    for match in _told(cell):
        start, end = match.span("value")
        if _is_found(found, start, end):
            continue
        if _OTHER.search(match["name"]) or not _is_secret(match["value"], match["name"]) or _is_made_up(cell, match):
            continue
        found[start] = end, f"`{match['name']}` is given in plain text"
    seen: set[str] = set()
    for start, (end, what) in sorted(found.items()):
        if text[start:end] not in seen:
            seen.add(text[start:end])
            yield rule.at(cell.place(_span(text, start, end)), what=what)


def _is_found(found: dict[int, tuple[int, str]], start: int, end: int) -> bool:
    """Whether part of a place has been found already."""
    return any(first < end and start < last for first, (last, _) in found.items())


def _told(cell: CellView) -> Iterator[re.Match[str]]:
    """The texts under a telling name, as ``_TELLING`` finds them, which is looked for only where such a word stands."""
    text, lower = cell.text, cell.lower
    if len(text) != len(lower):
        yield from _TELLING.finditer(text)
        return
    tried, done = -1, 0
    for word in _TELLING_WORD.finditer(lower):
        start = word.start()
        while start and (text[start - 1].isalnum() or text[start - 1] in "_-"):
            start -= 1
        if start > tried and start >= done:
            tried = start
            match = _TELLING.match(text, start)
            if match is not None:
                done = match.end()
                yield match


def _is_placeholder(match: re.Match[str]) -> bool:
    said = match.groupdict().get("password")
    if said is not None:
        return said.lower() in _COMMON or _PLACEHOLDER.search(said) is not None
    return re.search(r"x{4,}|your|example|\.\.\.|<|\*{3}|0{6}|1234567", match[0], re.IGNORECASE) is not None


def _is_made_up(cell: CellView, match: re.Match[str]) -> bool:
    """Whether a telling name and a text are two names of a list, or the text opens nothing that anybody uses."""
    text, value = cell.text, match["value"]
    line = text[max(0, match.start() - 80) : match.start()]
    if "," in text[match.end("name") : match.start("value")]:
        if not _PASSED.search(line):
            return True
        if _DEFAULT.search(line) and _MADE_UP.search(value):
            return True
    return _EXAMPLE.search(value) is not None or cell.configuration.is_test_code(cell.document.path)


def _is_secret(value: str, name: str) -> bool:
    if _PLACEHOLDER.search(value) or value.lower() in _COMMON or len(value) > 200:
        return False
    short = re.search(r"pass|pwd", name, re.IGNORECASE) is not None
    if not any(sign.isdigit() for sign in value) or not any(sign.isalpha() for sign in value):
        return False
    return _entropy(value) >= (2.5 if short else _ENOUGH) and len(value) >= (8 if short else 16)


def _entropy(value: str) -> float:
    return -sum(count / len(value) * math.log2(count / len(value)) for count in Counter(value).values())


def _span(text: str, start: int, end: int) -> Span:
    line = text.count("\n", 0, start)
    end_line = line + text.count("\n", start, end)
    return Span(line, start - text.rfind("\n", 0, start) - 1, end_line, end - text.rfind("\n", 0, end) - 1)
