"""A service that uses the range of FastAPI, so that its document does."""

import datetime
import decimal
import enum
import uuid
from typing import Annotated, Any, Generic, Literal, Optional, TypeVar, Union

from fastapi import Body, Cookie, FastAPI, File, Form, Header, Path, Query, Response, UploadFile
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, EmailStr, Field, HttpUrl, RootModel

app = FastAPI(title="Everything", version="1.2.3+build 4", description="A service that uses the range of FastAPI.")


class Color(str, enum.Enum):
    red = "red"
    empty = ""
    own = "self"
    both = "a+b"
    keyword = "type"
    spaced = "dark blue"


class Level(enum.IntEnum):
    low = 1
    high = 10


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str


Pet = Annotated[Union[Cat, Dog], Field(discriminator="kind")]


class Names(RootModel[list[str]]):
    """A bare list as a model."""


class Node(BaseModel):
    value: int
    children: list["Node"] = []


T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str
    extra: str = "mine"


class Everything(BaseModel):
    """All kinds of fields."""

    integer: int = Field(ge=1, le=100)
    exclusive: int = Field(gt=0, lt=10)
    multiple: int = Field(5, multiple_of=5)
    number: float = 0.5
    money: decimal.Decimal = decimal.Decimal("1.50")
    text: str = Field(min_length=2, max_length=10)
    pattern: str = Field("ab", pattern=r"^[a-z]+$")
    look: str = Field("x", json_schema_extra={"pattern": r"^(?=x)"})
    flag: bool = False
    moment: datetime.datetime
    day: datetime.date
    time: datetime.time
    span: datetime.timedelta
    identity: uuid.UUID
    mail: EmailStr
    site: HttpUrl
    raw: bytes = b"raw"
    color: Color
    level: Level = Level.low
    maybe: Optional[int] = None
    either: Union[int, str]
    several: Union[int, list[str], None] = None
    constant: Literal["fixed"] = "fixed"
    choice: Literal["a", "b"] = "a"
    pair: tuple[int, str]
    tags: set[str] = set()
    counted: list[int] = Field([1], min_length=1, max_length=3)
    mapping: dict[str, int] = {}
    nested: dict[str, Optional[Cat]] = {}
    anything: Any = None
    obj: dict = {}
    pet: Pet
    node: Optional[Node] = None
    type: str = "type"
    self_: str = Field("s", alias="self")
    async_: str = Field("a", alias="async")
    odd: str = Field("o", alias="a-b[c]")
    big: int = Field(0, le=2**63 - 1)
    unsigned: int = Field(0, ge=0, le=2**64 - 1)
    examples: str = Field("e", examples=["one", "two"])


class Change(BaseModel):
    title: Optional[str] = None
    count: Optional[int] = None
    color: Optional[Color] = None


class Problem(BaseModel):
    title: str
    status: int


@app.post("/everything", tags=["values"])
def echo_everything(body: Everything) -> Everything:
    """Echo.

    Some *Markdown*:

    ```python
    print("not a doc test")
    ```

        indented code

    | a | b |
    |---|---|
    """
    return body


@app.get("/colors/{color}", tags=["values"])
def get_color(color: Color, level: Level = Level.low, also: Annotated[list[Color], Query()] = []) -> dict[str, Any]:
    return {"color": color, "level": level, "also": also}


@app.get("/queries", tags=["values"])
def queries(
    strings: Annotated[list[str], Query()] = [],
    numbers: Annotated[Optional[list[int]], Query()] = None,
    type: str = "t",
    self: str = "s",
    async_: Annotated[str, Query(alias="async")] = "a",
    odd: Annotated[str, Query(alias="a-b[c]")] = "o",
    since: Optional[datetime.datetime] = None,
    required: int = Query(),
    flag: bool = False,
) -> dict[str, Any]:
    return {"strings": strings, "numbers": numbers, "type": type, "self": self, "async": async_, "odd": odd,
            "since": since, "required": required, "flag": flag}


@app.get("/headers", tags=["values"])
def headers(x_number: Annotated[int, Header()], x_text: Annotated[Optional[str], Header()] = None,
            session: Annotated[Optional[str], Cookie()] = None) -> dict[str, Any]:
    return {"number": x_number, "text": x_text, "session": session}


@app.get("/files/{path:path}", tags=["paths and/files"])
def greedy(path: str) -> str:
    return path


@app.patch("/change", tags=["values"])
def change(body: Change) -> dict[str, Any]:
    return {"given": sorted(body.model_fields_set), "body": body}


@app.get("/pets", tags=["values"])
def pets() -> list[Pet]:
    return [Cat(kind="cat"), Dog(kind="dog", name="Rex")]


@app.post("/names", tags=["values"])
def names(body: Names) -> Names:
    return body


@app.get("/tree", tags=["values"])
def tree() -> Node:
    return Node(value=1, children=[Node(value=2)])


@app.get("/pages", tags=["values"])
def pages(page: int = 1, per_page: Annotated[int, Query(le=10)] = 10) -> Page[Cat]:
    return Page[Cat](items=[Cat(kind="cat")] if page == 1 else [], total=1)


@app.post("/strict", tags=["values"])
def strict(body: Strict) -> Strict:
    return body


@app.post("/open", tags=["values"])
def open_(body: Open) -> Open:
    return body


@app.post("/several", tags=["answers"], status_code=201, responses={200: {"model": Cat}, 202: {"model": Dog}, 204: {"description": "none"},
          409: {"model": Problem}, 418: {"model": Cat}, "default": {"model": Problem}})
def several(which: int = 201) -> Problem:
    if which == 200:
        return JSONResponse({"kind": "cat", "lives": 3}, 200)
    if which == 202:
        return JSONResponse({"kind": "dog", "name": "Rex"}, 202)
    if which == 204:
        return Response(status_code=204)
    if which >= 400:
        return JSONResponse({"title": "no", "status": which}, which)
    return Problem(title="made", status=201)


@app.delete("/nothing", tags=["answers"], status_code=204)
def nothing() -> None:
    return None


@app.get("/text", tags=["answers"], response_class=PlainTextResponse)
def text() -> str:
    return "plain"


@app.get("/stream", tags=["answers"], response_class=StreamingResponse)
def stream():
    return StreamingResponse(iter(["data: 1\n\n"]), media_type="text/event-stream")


@app.get("/problem", tags=["answers"], responses={200: {"content": {"application/problem+json": {"schema": {"type": "object"}}}}})
def problem():
    return JSONResponse({"title": "x"}, media_type="application/problem+json")


@app.head("/head", tags=["answers"])
def head() -> None:
    return None


@app.post("/optional", tags=["bodies"])
def optional_body(body: Optional[Cat] = None) -> dict[str, Any]:
    return {"body": body}


@app.post("/form", tags=["bodies"])
def form(name: Annotated[str, Form()], count: Annotated[int, Form()] = 1) -> dict[str, Any]:
    return {"name": name, "count": count}


@app.post("/upload", tags=["bodies"])
async def upload(file: UploadFile, note: Annotated[str, Form()] = "", more: Annotated[list[UploadFile], File()] = []) -> dict[str, Any]:
    return {"name": file.filename, "size": len(await file.read()), "note": note, "more": len(more)}


@app.delete("/with-body", tags=["bodies"])
def delete_with_body(body: Strict) -> Strict:
    return body


@app.post("/scalar", tags=["bodies"])
def scalar(body: Annotated[int, Body()]) -> int:
    return body


@app.post("/embedded", tags=["bodies"])
def embedded(one: Annotated[Cat, Body()], two: Annotated[str, Body()]) -> dict[str, Any]:
    return {"one": one, "two": two}


@app.api_route("/methods", methods=["GET", "POST"], tags=["answers"])
def methods() -> str:
    return "either"


@app.get("/old", tags=["answers"], deprecated=True)
def old() -> str:
    return "old"


@app.get("/untagged")
def untagged() -> str:
    return "untagged"
