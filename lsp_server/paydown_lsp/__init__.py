"""The language server of paydown, and the Jupyter server extension that brings it to browsers."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "paydown_lsp.jupyter"}]
