"""Answers requests as FastAPI does: reads them as JSON lines, writes the answers as JSON lines.

    python requests.py | python oracle.py
    python oracle.py --document

A request is what requests.py prints. The application is called in process, yet given what uvicorn
would give it, byte for byte: no HTTP client stands between that would tidy the target or add headers.
"""

import asyncio
import base64
import json
import sys
from urllib.parse import unquote

from service import app

REPORTED = ("content-type", "allow", "location")


def scope_of(request):
    raw_path, _, query = request["target"].partition("?")
    headers = [(b"host", b"testserver")]
    for name, values in request["headers"].items():
        for value in [values] if isinstance(values, str) else values:
            headers.append((name.lower().encode("latin-1"), value.encode("latin-1")))
    names = [name for name, _ in headers]
    if names.count(b"host") > 1:
        del headers[0]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request["method"],
        "scheme": "http",
        "server": ("testserver", 80),
        "client": ("127.0.0.1", 50000),
        "root_path": "",
        "path": unquote(raw_path),
        "raw_path": raw_path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "headers": headers,
        "state": {},
    }


def body_of(request):
    if request.get("body_base64") is not None:
        return base64.b64decode(request["body_base64"])
    return (request["body"] or "").encode()


async def answer(request):
    incoming = [{"type": "http.request", "body": body_of(request), "more_body": False}]
    started, chunks = {}, []

    async def receive():
        return incoming.pop() if incoming else {"type": "http.disconnect"}

    async def send(message):
        if message["type"] == "http.response.start":
            started.update(message)
        else:
            chunks.append(message.get("body", b""))

    try:
        await app(scope_of(request), receive, send)
    except Exception:
        # Starlette answers 500 and raises all the same, for the server to log it.
        if not started:
            raise
    text = b"".join(chunks).decode()
    headers = {name.decode(): value.decode("latin-1") for name, value in started["headers"]}
    if request["method"] == "HEAD":
        body = None  # the server sends none, whatever the application gave it
    elif headers.get("content-type") == "application/json":
        body = json.loads(text)
    else:
        body = text or None
    return {
        "name": request["name"],
        "status": started["status"],
        "headers": {name: headers[name] for name in REPORTED if name in headers},
        "body": body,
    }


async def main():
    for line in sys.stdin.buffer:
        print(json.dumps(await answer(json.loads(line)), ensure_ascii=False))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    if sys.argv[1:] == ["--document"]:
        print(json.dumps(app.openapi(), ensure_ascii=False, indent=2))
    else:
        asyncio.run(main())
