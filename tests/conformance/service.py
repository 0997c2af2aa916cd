"""A FastAPI service with one route for every way a request can be validated.

It does no work: what a route answers is only whether FastAPI let the request in. The routes under
`/blind` validate what their document cannot tell, so that the cost of knowing only the document shows.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Body, Cookie, Depends, FastAPI, File, Form, Header, Path, Query, UploadFile
from models import (
    Blind,
    Choices,
    Collections,
    Colour,
    CommonHeaders,
    Filter,
    Formats,
    Household,
    Item,
    Level,
    Limits,
    LoginForm,
    Nullables,
    Open,
    Pet,
    Scalars,
    Sealed,
    SealedFilter,
    Tree,
    Unions,
    User,
    Word,
)
from pydantic import AnyHttpUrl, EmailStr

app = FastAPI(title="Conformance", version="1")
OK = {"ok": True}


# Every function is called `_`; an operation is known by its path instead.
def get(path):
    return app.get(path, name=path)


def post(path):
    return app.post(path, name=path)


@get("/path/int/{n}")
def _(n: int): return OK
@get("/path/limited/{n}")
def _(n: Annotated[int, Path(ge=1, lt=100)]): return OK
@get("/path/float/{x}")
def _(x: Annotated[float, Path(gt=0, le=1000)]): return OK
@get("/path/bool/{b}")
def _(b: bool): return OK
@get("/path/uuid/{u}")
def _(u: UUID): return OK
@get("/path/date/{d}")
def _(d: date): return OK
@get("/path/datetime/{t}")
def _(t: datetime): return OK
@get("/path/colour/{c}")
def _(c: Colour): return OK
@get("/path/word/{w}")
def _(w: Word): return OK
@get("/path/text/{s}")
def _(s: str): return OK
@get("/path/two/{a}/and/{b}")
def _(a: int, b: Annotated[int, Path(multiple_of=3)]): return OK
@get("/query/plain")
def _(s: str, n: int, f: float = 0.5, flag: bool = False, maybe: int | None = None): return OK
@get("/query/lists")
def _(need: Annotated[list[int], Query()], few: Annotated[list[str], Query(min_length=2, max_length=3)] = ["a", "b"],
      unique: Annotated[set[int], Query()] = set(), maybe: Annotated[list[float] | None, Query()] = None,
      pair: Annotated[tuple[int, str] | None, Query()] = None): return OK
@get("/query/limits")
def _(ge: Annotated[int, Query(ge=1)] = 1, gt: Annotated[float, Query(gt=0.5)] = 1, le: Annotated[int, Query(le=9)] = 1,
      lt: Annotated[float, Query(lt=9)] = 1, step: Annotated[int, Query(multiple_of=4)] = 4,
      word: Word = "ab", text: Annotated[str | None, Query(min_length=3, max_length=6)] = None,
      amount: Annotated[Decimal, Query(gt=0)] = Decimal(1)): return OK
@get("/query/choices")
def _(colour: Colour, level: Level = Level.low, mode: Literal["fast", "slow"] = "fast", digit: Literal[1, 2] = 1,
      const: Literal["v1"] = "v1", colours: Annotated[list[Colour] | None, Query()] = None): return OK
@get("/query/unions")
def _(a: int | str = 1, b: int | bool = 1, c: float | date = 1.0, d: int | list[int] | None = Query(None),
      e: Annotated[int, Query(ge=10)] | Colour = 10): return OK
@get("/query/formats")
def _(u: UUID | None = None, day: date | None = None, at: datetime | None = None, clock: time | None = None,
      span: timedelta | None = None, url: AnyHttpUrl | None = None, email: EmailStr | None = None,
      raw: bytes | None = None, anything: Any = None): return OK
@get("/query/alias")
def _(item: Annotated[str, Query(alias="item-query")], other: Annotated[int, Query(alias="Other[]")] = 0): return OK
@get("/query/model")
def _(filter: Annotated[Filter, Query()]): return OK
@get("/headers/plain")
def _(x_count: Annotated[int, Header()], x_tags: Annotated[list[str] | None, Header(max_length=2)] = None,
      x_mode: Annotated[Literal["a", "b"], Header()] = "a", user_agent: Annotated[str | None, Header()] = None,
      x_when: Annotated[datetime | None, Header(alias="X-When")] = None): return OK
@get("/cookies/plain")
def _(session: Annotated[str, Cookie(min_length=4)], visits: Annotated[int, Cookie()] = 0): return OK
@post("/body/scalars")
def _(body: Scalars): return OK
@post("/body/limits")
def _(body: Limits): return OK
@post("/body/nullables")
def _(body: Nullables): return OK
@post("/body/collections")
def _(body: Collections): return OK
@post("/body/choices")
def _(body: Choices): return OK
@post("/body/unions")
def _(body: Unions): return OK
@post("/body/formats")
def _(body: Formats): return OK
@post("/body/household")
def _(body: Household): return OK
@post("/body/pet")
def _(body: Pet): return OK
@post("/body/sealed")
def _(body: Sealed): return OK
@post("/body/open")
def _(body: Open): return OK
@post("/body/tree")
def _(body: Tree): return OK
@post("/body/several")
def _(item: Item, user: User, importance: Annotated[int, Body(gt=0)], q: str | None = None): return OK
@post("/body/embed")
def _(item: Annotated[Item, Body(embed=True)]): return OK
@post("/body/maybe")
def _(item: Item | None = None): return OK
@post("/body/maybe-several")
def _(item: Item | None = None, count: Annotated[int, Body()] = 1): return OK
@post("/body/list")
def _(items: list[Item]): return OK
@post("/body/dict")
def _(counts: dict[str, int]): return OK
@post("/body/number")
def _(n: Annotated[int, Body(ge=0)]): return OK
@post("/body/text")
def _(s: Annotated[str, Body()]): return OK
@post("/body/any")
def _(payload: Annotated[Any, Body()]): return OK
@post("/body/either")
def _(body: Item | list[int]): return OK
@app.put("/mixed/{id}", name="mixed")
def _(id: int, q: Annotated[int, Query(ge=0)], x_key: Annotated[int, Header()], ck: Annotated[int, Cookie()],
      item: Item, page: int = 1): return OK
@post("/form/plain")
def _(user: Annotated[str, Form(min_length=2)], age: Annotated[int, Form(ge=0)] = 1,
      roles: Annotated[list[str], Form()] = [], agree: Annotated[bool | None, Form()] = None): return OK
@post("/form/model")
def _(form: Annotated[LoginForm, Form()]): return OK
@post("/form/file")
def _(file: UploadFile, note: Annotated[str | None, Form()] = None): return OK
@post("/form/files")
def _(raw: Annotated[bytes, File(max_length=4)], files: list[UploadFile], many: Annotated[int, Form()] = 0): return OK
@get("/things/{id}")
def _(id: int): return OK
@app.delete("/things/{id}", name="delete thing")
def _(id: int, reason: Annotated[Item | None, Body()] = None): return OK
@get("/slash/")
def _(n: int = 1): return OK


def paging(skip: Annotated[int, Query(ge=0)], take: int = 10):
    return skip


@post("/blind/body")
def _(body: Blind): return OK
@get("/blind/filter")
def _(filter: Annotated[SealedFilter, Query()]): return OK
@get("/blind/headers")
def _(h: Annotated[CommonHeaders, Header()]): return OK
@get("/blind/rest/{rest:path}")
def _(rest: Annotated[str, Path(max_length=9)]): return OK
@get("/blind/depends")
def _(own: int, page: Annotated[int, Depends(paging)]): return OK
