"""The types whose validation the conformance service shows."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from ipaddress import IPv4Address
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    StringConstraints,
)
from typing_extensions import TypedDict


class Colour(str, Enum):
    red = "red"
    green = "green"
    blue = "blue"


class Level(IntEnum):
    low = 1
    mid = 2
    high = 3


class Code(Enum):
    one = 1
    two = 2


class Single(Enum):
    only = "only"


Positive = Annotated[int, Field(gt=0)]
Word = Annotated[str, StringConstraints(min_length=2, max_length=5, pattern=r"^[a-z]+$")]


class Item(BaseModel):
    name: str
    price: float
    tags: list[str] = []


class User(BaseModel):
    login: str = Field(min_length=3)
    age: int | None = None


class Scalars(BaseModel):
    i: int
    f: float
    b: bool
    s: str


class Limits(BaseModel):
    ge: int = Field(0, ge=0)
    gt: int = Field(1, gt=0)
    le: int = Field(0, le=10)
    lt: int = Field(0, lt=10)
    step: int = Field(0, multiple_of=5)
    ratio: float = Field(0.5, ge=0, le=1)
    fine: float = Field(0.5, gt=0.25, lt=1.5, multiple_of=0.25)
    word: Word = "ab"
    one: str = Field("x", min_length=1, max_length=1)
    short: list[int] = Field([1, 2], min_length=2, max_length=3)
    single: list[int] = Field([1], min_length=1, max_length=1)
    amount: Decimal = Field(Decimal(1), ge=0)
    blob: bytes = Field(b"ab", min_length=2, max_length=4)


class Nullables(BaseModel):
    required: int | None
    optional: str | None = None
    either: int | str | None = None
    nested: Item | None = None
    numbers: list[int | None] = []
    defaulted: int = 3


class Collections(BaseModel):
    model_config = ConfigDict(title="CollectionsOfThings")
    ints: list[int] = []
    grid: list[list[int]] = []
    items: list[Item] = []
    counts: dict[str, int] = {}
    named: dict[Word, Positive] = {}
    boxes: dict[str, Item] = {}
    pair: tuple[int, str] = (1, "a")
    unique: set[int] = set()
    few: set[int] = Field({1}, min_length=1, max_length=2)
    free: dict[str, Any] = {}
    anything: list = []
    limited: dict[str, int] = Field({"a": 1}, min_length=1, max_length=2)


class Choices(BaseModel):
    colour: Colour = Colour.red
    level: Level = Level.low
    single: Single = Single.only
    mode: Literal["fast", "slow"] = "fast"
    digit: Literal[1, 2] = 1
    mixed: Literal["a", 1, None] = "a"
    const: Literal["v1"] = "v1"
    colours: list[Colour] = []


class Unions(BaseModel):
    number_or_text: int | str = 1
    int_or_bool: int | bool = 1
    float_or_date: float | date = 1.0
    models: Item | User = Item(name="a", price=1)
    list_or_dict: list[int] | dict[str, int] = []
    limited: Annotated[int, Field(ge=10)] | Word = 10
    deep: list[int | list[str]] = []
    choice: Colour | Literal["none"] | Level = "none"
    formats: UUID | datetime | AnyHttpUrl = datetime(2024, 1, 1)
    pair_or_set: tuple[int, str] | set[int] = (1, "a")


class Formats(BaseModel):
    uuid: UUID | None = None
    url: AnyHttpUrl | None = None
    email: EmailStr | None = None
    day: date | None = None
    clock: time | None = None
    at: datetime | None = None
    duration: timedelta | None = None
    ip: IPv4Address | None = None
    blob: bytes | None = None
    amount: Decimal | None = None
    anything: Any = None


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = Field(9, le=9)


class Dog(BaseModel):
    kind: Literal["dog", "hound"]
    name: str


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


class Household(BaseModel):
    pet: Pet
    others: list[Pet] = []


class Sealed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    inner: "Sealed | None" = None
    alias_of: int = Field(0, alias="aliasOf")


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str
    __pydantic_extra__: dict[str, int]


class Tree(BaseModel):
    value: int
    children: list["Tree"] = []


class Record(TypedDict):
    id: int
    label: str


@dataclass
class Point:
    x: int
    y: int = 0


class Filter(BaseModel):
    limit: int = Field(100, gt=0, le=100)
    order: Literal["asc", "desc"] = "asc"
    tags: list[str] = []
    after: date | None = None


class SealedFilter(BaseModel):
    model_config = ConfigDict(extra="forbid")
    needed: int
    hint: str = ""


class CommonHeaders(BaseModel):
    x_trace: str
    x_depth: int = 0


class LoginForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    user: str = Field(min_length=2)
    age: int = 0
    roles: list[str] = []


def even(n: int) -> int:
    if n % 2:
        raise ValueError("must be even")
    return n


class Blind(BaseModel):
    strict: int = Field(1, strict=True)
    trimmed: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)] = "ab"
    checked: Annotated[int, AfterValidator(even)] = 2
    since: date = Field(date(2024, 1, 1), ge=date(2020, 1, 1))
    amount: Decimal = Field(Decimal(1), max_digits=5, decimal_places=2)
    by_number: dict[int, str] = {}
    many: tuple[int, ...] = ()
    frozen: frozenset[str] = frozenset()
    amount_or_flag: Decimal | bool = True
    code: Code = Code.one
    aware: AwareDatetime | None = None
    record: Record | None = None
    point: Point | None = None
