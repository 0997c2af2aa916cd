"""Prints the requests that the conformance service is asked, one JSON object a line.

Each has `name`, `method`, `target`, `headers` (a value may be a list: the header is sent that often)
and `body` (text or null); bytes that are no UTF-8 text are in `body_base64` instead. The first word of
a name says what to make of a difference between the service and the mock:

  blind    the service's own document does not tell what it does: a difference is expected
  crash    the service fails (500) on a request it ought to refuse
  version  the answer depends on the version of Python that runs the service
"""

import base64
import json
from urllib.parse import quote

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=B"
UUID = "12345678-1234-1234-1234-123456789012"
ODD = [None, {}, [], "x", 1, True, 1.5]
NUMBERS = ["5", "-5", "+5", " 5 ", "1.0", "1.5", "1.", "1e3", "1_000", "٣", "", "0x10", "9" * 30, "nan"]
requests = {}


def add(name, target, body=None, *, method=None, media=None, headers=None, raw=None):
    assert name not in requests, name
    sent = dict(headers or {})
    if media:
        sent["content-type"] = media
    request = {"name": name, "method": method or "GET", "target": target, "headers": sent, "body": body}
    if raw is not None:
        request["body_base64"] = base64.b64encode(raw).decode()
    requests[name] = request


def get(target, prefix="", **more):
    add(f"{prefix}GET {target}" + (f" {json.dumps(more['headers'])}" if more else ""), target, **more)


def post_text(target, text, media="application/json", prefix="", **more):
    name = f"{prefix}POST {target} [{media}] {text if text is None else text[:120]!r}"
    add(name, target, text, method="POST", media=media, **more)


def post(target, value, prefix=""):
    text = json.dumps(value, ensure_ascii=False)
    add(f"{prefix}POST {target} {text[:160]}", target, text, method="POST", media="application/json")


def each(target, field, values, prefix="", **others):
    for value in values:
        post(target, {**others, field: value}, prefix)


def every(target, fields, values=ODD, prefix=""):
    for value in values:
        post(target, dict.fromkeys(fields.split(), value), prefix)


def paths():
    for n in ["7", "x", "%205%20", "1.0", "1e3", "%D9%A3", "%ff", "%", "5%3Fx", "1%0A", "99999999999999999999", "", "1/"]:
        get(f"/path/int/{n}")
    for n in ["1", "0", "99", "100", "x", "1.5"]:
        get(f"/path/limited/{n}")
    for x in ["0.5", "1e3", "0", "1001", "nan", "inf", "-1", "x", ".5", "1_0"]:
        get(f"/path/float/{x}")
    for b in ["true", "False", "1", "0", "t", "F", "yes", "NO", "on", "Off", "y", "N", "2", "maybe", "%20true", "1.0"]:
        get(f"/path/bool/{b}")
    for u in [UUID, UUID.replace("-", ""), "%7B" + UUID + "%7D", "urn:uuid:" + UUID, "x", "1234", UUID[:-1], UUID[:-1] + "g", UUID[:-5]]:
        get(f"/path/uuid/{u}")
    for d in ["2024-02-29", "2023-02-29", "2024-13-01", "2024-1-1", "2024", "86400", "86401", "2024-01-01T00:00:00", "2024-01-01T01:00:00", "x", "0000-01-01", "2024/01/01"]:
        get(f"/path/date/{quote(d, safe='')}")
    for t in ["2024-01-01T10:00:00Z", "2024-01-01", "2024-01-01 10:00", "2024-01-01T10", "2024-01-01T25:00:00", "1704067200", "now", "2024-13-01T00:00:00", "2024-01-01T10:00:00+0100"]:
        get(f"/path/datetime/{quote(t)}")
    for c in ["red", "Red", "re%64", "purple", "%zz"]:
        get(f"/path/colour/{c}")
    for w in ["abc", "a", "abcdef", "ABC", "ab%0A", "%C3%A9%C3%A9"]:
        get(f"/path/word/{w}")
    for s in ["a+b", "a%2Fb", "a%20b", "%F0%9F%98%80"]:
        get(f"/path/text/{s}")
    for ab in ["1/and/3", "1/and/2", "x/and/y", "x/and/2", "1/and/"]:
        get(f"/path/two/{ab}")


def queries():
    plain = "/query/plain?s=a&n=1"
    for target in ["/query/plain", "/query/plain?s=a", "/query/plain?n=1", "/query/plain?s=&n=", "/query/plain?s&n=1", "/query/plain?S=a&n=1", "/query/plain?s=a&n=x&n=1", "/query/plain?s=a&n=1&n=x",
                   "/query/plain?s=a;n=1", "/query/plain?%73=a&n=%31", "/query/plain?s=a&n=%zz", "/query/plain?s=a&n=%ff", "/query/plain?s=a+b&n=+5", "/query/plain?s=a&n=1=2", "/query/plain?s=a&&n=1&", "/query/plain?s=a&n[]=1",
                   plain, plain + "&unknown=1", plain + "&f=&flag=&maybe=", plain + "&maybe=null", plain + "&maybe=2", plain + "&f=nan&flag=2&maybe=x"]:
        get(target)
    for n in NUMBERS[1:]:
        get(f"/query/plain?s=a&n={quote(n)}")
    for f in ["1e3", ".5", "5.", "inf", "-Infinity", "NaN", "1_0", "x", "1e", "٣", " 1 "]:
        get(f"{plain}&f={quote(f)}")
    for flag in ["True", "ON", "y", "0", "off", "tr", " true"]:
        get(f"{plain}&flag={quote(flag)}")
    for q in ["", "?need=", "?need=1,2", "?need[]=1", "?need=1&need=x&need=2&need=", "?need=1&few=a", "?need=1&few=a&few=b&few=c", "?need=1&few=a&few=b&few=c&few=d", "?need=1&few=", "?need=1&unique=1&unique=1", "?need=1&unique=x&unique=y",
              "?need=1&maybe=null", "?need=1&maybe=1&maybe=x", "?need=1&pair=1", "?need=1&pair=1&pair=a", "?need=1&pair=x&pair=a", "?need=1&pair=1&pair=a&pair=b"]:
        get(f"/query/lists{q}")
    for q in ["", "?ge=0", "?ge=1e3", "?ge=" + "9" * 30, "?gt=0.5", "?gt=0.51", "?le=10", "?lt=9", "?lt=8.99", "?step=3", "?step=-4", "?word=", "?word=abcdef", "?word=A1", "?text=ab", "?text=abcdefg", "?text=%F0%9F%98%80%F0%9F%98%80", "?text=",
              "?amount=0", "?amount=x", "?amount=nan", "?amount=%201_0.5", "?ge=0&gt=0&le=10&lt=10&step=1&word=a&text=a&amount=-1"]:
        get(f"/query/limits{q}")
    for q in ["", "?colour=", "?colour=red", "?colour=RED", "?colour=red&level=2", "?colour=red&level=9", "?colour=red&level=x", "?colour=red&mode=slow", "?colour=red&mode=", "?colour=red&digit=1", "?colour=red&const=v1", "?colour=red&const=v2",
              "?colour=red&colours=red&colours=pink", "?colour=pink&level=0&mode=no&digit=3&const=&colours=x"]:
        get(f"/query/choices{q}")
    for q in ["", "?a=x", "?a=", "?b=yes", "?b=x", "?c=1.5", "?c=2024-01-01", "?c=x", "?d=1", "?d=x", "?d=1&d=2", "?d=1&d=x", "?e=5", "?e=red", "?e=x", "?e=12"]:
        get(f"/query/unions{q}")
    for q in ["u=x", f"u={UUID}", "day=x", "day=2024-02-30", "at=x", "at=2024-01-01T00:00:00Z", "at=1.5", "clock=12:00", "clock=25:00", "clock=3600", "span=PT1H", "span=1:00", "span=x", "url=x", "url=http://a.b/c", "url=ftp://a", "url=http://",
              "email=x", "email=a@b.co", "email=a@b", "raw=%C3%A9", "anything=", "u=&day=&at=&clock=&span=&url=&email=&raw=&anything="]:
        get(f"/query/formats?{q}")
    for q in ["", "?item=1", "?item_query=1", "?item-query=1", "?item-query=1&Other%5B%5D=x", "?item-query=1&Other[]=2"]:
        get(f"/query/alias{q}")
    for q in ["", "?limit=5&order=desc&tags=a&tags=b&after=2024-01-01", "?limit=0", "?limit=101", "?limit=x&limit=5", "?order=up", "?after=x", "?limit=&order=&tags=&after=", "?unknown=1", "?limit=x&order=x&after=2024-02-30"]:
        get(f"/query/model{q}")


def headers_and_cookies():
    for headers in [{}, {"x-count": "5"}, {"X-COUNT": "5"}, {"x_count": "5"}, {"x-count": ""}, {"x-count": "five"}, {"x-count": ["1", "x"]}, {"x-count": ["x", "1"]}, {"x-count": "1", "x-tags": "a, b, c"}, {"x-count": "1", "x-tags": ["a", "b", "c"]},
                    {"x-count": "1", "x-mode": "b"}, {"x-count": "1", "x-mode": "c"}, {"x-count": "1", "x-when": "2024-01-01T00:00:00Z"}, {"x-count": "1", "x-when": "x"}, {"x-count": "\xe9"}, {"x-count": "x", "x-tags": ["1", "2", "3"], "x-mode": "", "x-when": "x"}]:
        get("/headers/plain", headers=headers)
    for cookie in [None, "", "session=abcd", "session=abc", "session=abcd; visits=2", "session=abcd;visits=x", 'session="ab cd"', 'session="abc"', "session=", "session", "SESSION=abcd", "session=abcd; session=x", "visits=x", "session=%61%62", "session=abcd; visits= 3 ", "session=ab=cd", ["session=abcd", "visits=x"]]:
        get("/cookies/plain", headers={} if cookie is None else {"cookie": cookie})


def scalars():
    valid = {"i": 1, "f": 1.5, "b": True, "s": "x"}
    post("/body/scalars", valid)
    post("/body/scalars", {**valid, "unknown": 1})
    every("/body/scalars", "i f b s")
    for top in [None, [], "x", 1, True, [valid]]:
        post("/body/scalars", top)
    for field in valid:
        post("/body/scalars", {key: value for key, value in valid.items() if key != field})
    each("/body/scalars", "i", [*NUMBERS, 1.0, -0.0, 1e18, 1e19, 2**70, False], f=1, b=1, s="")
    each("/body/scalars", "f", ["1e3", "inf", "nan", " .5 ", "1_0", "x", 2**70, 7], i=1, b=0, s="")
    each("/body/scalars", "b", ["true", "Yes", "off", "0", "T", "2", "", " true", 0, 2, 1.0, 0.5, 10**20], i=1, f=1, s="")
    each("/body/scalars", "s", ["", "\u0000", "é😀"], i=1, f=1, b=0)


def limits():
    post("/body/limits", {})
    every("/body/limits", "ge gt le lt step ratio fine word one short single amount blob")
    for field, values in {"ge": [-1, "-1"], "gt": [0], "le": [11, 2**70], "lt": [10], "step": [7, -5, 5.0], "ratio": [-0.5, 1.5, "2", 1], "fine": [0.25, 0.3, 1.5, 2, 0.75], "word": ["a", "abcdef", "AB", "ab\n"], "one": ["", "ab", "😀"],
                          "short": [[1], [1, 2, 3, 4], ["x"], ["x", "y", "z", "w"], [1, "x"]], "single": [[], [1, 2]], "amount": [-1, "-0.5", "x", "nan", 1e30, " 1 "], "blob": ["a", "abcde", "éé", "éééé"]}.items():
        each("/body/limits", field, values)
    post("/body/limits", {"ge": -1, "gt": 0, "le": 11, "lt": 10, "step": 1, "ratio": 2, "fine": 3, "word": "A", "one": "", "short": [], "single": [], "amount": -1, "blob": ""})


def nested():
    post("/body/nullables", {})
    post("/body/nullables", {"required": None, "optional": None, "either": None, "nested": None, "numbers": [None]})
    every("/body/nullables", "required optional either nested numbers defaulted", ODD[1:])
    each("/body/nullables", "nested", [{}, {"name": 1, "price": "x", "tags": 1}, {"name": "a", "price": 1, "tags": [1, "b", None]}], required=1)
    each("/body/nullables", "defaulted", [None], required=1)
    names = "ints grid items counts named boxes pair unique few free anything limited"
    post("/body/collections", {})
    every("/body/collections", names)
    post("/body/collections", {"ints": [1], "grid": [[1]], "items": [{"name": "a", "price": 1}], "counts": {"a": 1}, "named": {"ab": 1}, "boxes": {"a": {"name": "a", "price": 1}}, "pair": [1, "a"], "unique": [1, 1], "few": [1, 1, 1], "free": {"a": []}, "anything": [None]})
    for field, values in {"ints": [["x", 1, None, 1.5]], "grid": [[[1], ["a", None], 2]], "items": [[{"name": 1}, 3, {}]], "counts": [{"a": "x", "b": None, "c": 1}], "named": [{"A": 0, "abc": 1, "x": "y"}, {"toolong": 1}], "boxes": [{"a": {}, "b": 1}],
                          "pair": [[], [1], ["x", 1], [1, "a", 2], ["x", 2, 3]], "unique": [["x", 1, 1.5]], "few": [[], [1, 2, 3], ["x", 1, 2], ["x", 1, 2, 3]], "limited": [{}, {"a": 1, "b": 2, "c": 3}, {"a": "x", "b": 2, "c": 3}]}.items():
        each("/body/collections", field, values)
    post("/body/collections", {"pair": [1], "ints": ["x"], "counts": {"": None}})
    for tree in [{"value": 1}, {"value": "x", "children": [{"value": 1, "children": [{}, 5]}]}, {"value": 1, "children": [None]}]:
        post("/body/tree", tree)
    for value in [{"name": "x"}, {"name": "x", "aliasOf": 1}, {"name": "x", "alias_of": 1}, {"zz": 1, "name": 1, "aa": None}, {"name": "x", "inner": {"name": "y", "yy": [1]}, "xx": {"a": 1}}, {"name": "x", "inner": {"inner": {}}}, {"name": "x", "_sa": 1, "o": {"_sa_b": 1, "c": 2}}]:
        post("/body/sealed", value)
    for value in [{"name": "x", "a": 1}, {"name": "x", "a": "z", "b": None}, {"a": "z"}]:
        post("/body/open", value)


def choices_and_unions():
    post("/body/choices", {})
    every("/body/choices", "colour level single mode digit mixed const colours")
    post("/body/choices", {"colour": "blue", "level": 2, "single": "only", "mode": "slow", "digit": 2, "mixed": None, "const": "v1", "colours": ["red", "red"]})
    post("/body/choices", {"colour": "x", "level": 9, "single": "x", "mode": "x", "digit": "1", "mixed": "1", "const": "v2", "colours": ["red", "x", None]})
    each("/body/choices", "level", [1.0, "2", "x", True])
    each("/body/choices", "digit", [1.0, True, 2.5])
    fields = "number_or_text int_or_bool float_or_date models list_or_dict limited deep choice formats pair_or_set"
    post("/body/unions", {})
    every("/body/unions", fields)
    for field, values in {"number_or_text": [1.5, "a"], "int_or_bool": ["yes", "5"], "float_or_date": ["2024-01-01", "2024-02-30"], "models": [{"name": "a"}, {"login": "ab"}, {"login": "abc"}, {"name": "a", "price": "x", "login": 1, "age": "y"}],
                          "list_or_dict": [["x", 2], {"a": "x"}, {"a": 1}], "limited": [5, "a", "abc", "12"], "deep": [["x", ["a", 1], None], [1, ["a"]]], "choice": ["red", 2, "none", 7], "formats": [UUID, "http://a", "2024-01-01T00:00:00"], "pair_or_set": [[1, "a"], [1, 2, 3], ["a", 1, 2], [None]]}.items():
        each("/body/unions", field, values)
    for body in [{}, {"name": "a"}, {"name": "a", "price": 1}, [], [1, "x"], "x", None, 5]:
        post("/body/either", body)
    for pet in [{"kind": "cat"}, {"kind": "dog"}, {"kind": "hound", "name": 1}, {"kind": "fish"}, {"kind": 1}, {"kind": None}, {"kind": ["cat"]}, {"lives": 1}, {"kind": "cat", "lives": 10}, [], None, "cat"]:
        post("/body/pet", pet)
    post("/body/household", {})
    each("/body/household", "pet", [None, {}, {"kind": "x"}, {"kind": "dog"}, {"kind": "cat", "lives": "x"}])
    post("/body/household", {"pet": {"kind": "cat"}, "others": [{"kind": 1}, {"kind": "dog"}, {"kind": "hound", "name": 1}, 3, {}, {"kind": "cat", "lives": 10}]})


def formats():
    every("/body/formats", "uuid url email day clock at duration ip blob amount anything", [*ODD, "", -1])
    for field, values in {"uuid": [UUID, UUID.replace("-", ""), "{" + UUID + "}", UUID + "0", "é"], "url": ["http://a", "HTTP:a", "ftp://a", "http://", "//a", "http://a:99999", "http://a b", "http://1.2.3.400", "http://[::1"],
                          "email": ["a@b.co", "A <a@b.co>", "@b.co", "a@", "a@b", "a..b@c.de", "a b@c.de", "a@b_c.de", "a@x.test", "a@1.2.3.4"], "day": ["2024-02-29", "2024-02-30", "2024-01-01T00:00", "2024-01-01T10:00", "20240101", 86400, 86401, 10**15, "2024-01-0a"],
                          "clock": ["12:00", "12:00:00.5+01:00", "24:00", "12:60", "12:00:60", "12-00", "1:00", 3600, 86400, -1, "12:00x"], "at": ["2024-01-01T00:00:00Z", "2024-01-01", 1.5, "1.5", 10**15, "2024-01-01T24:00:00", "2024-01-01X00:00:00", "2024-01-01t00:00z", "2024-13-01T00:00:00", "abcd-01-01T00:00:00"],
                          "duration": ["P1DT1H", "1 day, 00:00:01", "12:30", "PT", "P1", "P1H", "1:00", "3600", 3600, 10**20, "P1000000000D"], "ip": ["1.2.3.4", "::1", "01.2.3.4", 2**32], "blob": ["é"], "amount": ["1e3", "Infinity", "1,5", 1.10, 2**70]}.items():
        each("/body/formats", field, values)


def bodies():
    item = {"name": "a", "price": 1}
    user = {"login": "abc"}
    for body in [{"item": item, "user": user, "importance": 1}, {}, {"item": None, "user": [], "importance": "x"}, {"item": item, "user": {"login": "x"}, "importance": 0}, [], None, "x", {"item": {}, "user": {}, "unknown": 1}]:
        post("/body/several", body)
    for target, bodies in {"/body/embed": [{"item": item}, item, {}, {"item": None}, {"item": {"name": 1}}, [], None], "/body/maybe": [item, None, {}, [], 0], "/body/maybe-several": [{}, {"item": None}, {"item": {}, "count": "x"}, {"count": None}, None, []],
                           "/body/list": [[], [item], {}, [1, {"name": "x"}, None], None, "x"], "/body/dict": [{}, {"a": 1}, {"a": "x", "b": None}, [], None], "/body/number": [5, "5", 5.0, 5.5, True, -1, "x", None, {}], "/body/text": ["x", "", 1, None], "/body/any": [None, 1, "x", {}]}.items():
        for body in bodies:
            post(target, body)
    for target in ["several", "embed", "maybe", "maybe-several", "list", "dict", "number", "text", "any", "either", "pet", "sealed"]:
        post_text(f"/body/{target}", None, media=None)
        post_text(f"/body/{target}", "")
        post_text(f"/body/{target}", "{}", media="text/plain")
    post_text("/body/number", "5", media="text/plain")
    good = {"x-key": "1", "cookie": "ck=1", "content-type": "application/json"}
    add("mixed valid", "/mixed/1?q=0", json.dumps(item), method="PUT", headers=good)
    add("mixed nothing", "/mixed/x", method="PUT")
    add("mixed everything", "/mixed/x?q=-1&page=x", '{"name":1}', method="PUT", headers={"x-key": "a", "cookie": "ck=b", "content-type": "application/json"})
    add("mixed malformed", "/mixed/x?q=-1", '{"name":', method="PUT", headers=good)
    add("mixed query and cookie", "/mixed/1?q=-1", json.dumps(item), method="PUT", headers={**good, "cookie": "ck=b"})
    add("delete without body", "/things/1", method="DELETE")
    add("delete with bad body", "/things/x", '{"name":1}', method="DELETE", media="application/json")


def malformed():
    for text in ["{", "[", " ", "nul", "True", "{'name':1}", "{name:1}", '{"name" 1}', '{"name":}', '{"name":"x"', '{"name":"x"}}', '{"name":"x"} x', '{"name":"x","name":1}', "[1 2]", "[,1]", '{"a":1,,}', '"abc', r'"a\q"', r'"\u12G4"', '"a\nb"', "01", "-", "1.", ".5", "1e", "+1",
                 "// c\n{}", '{"é":x}', '{"a":1,', "[1,", '{"a"', '{"a":', "\ufeff{}", "\u00a01", "9" * 4301, "[" * 100_000]:
        add(f"malformed {text[:40]!r}", "/body/sealed", text, method="POST", media="application/json")
    for text in ["[1,]", '{"a":1,}', '{"a":1, }', "[1,\n]"]:
        add(f"version malformed {text!r}", "/body/any", text, method="POST", media="application/json")
    for text in ["NaN", "-Infinity", "1e400"]:
        add(f"non-finite {text}", "/body/any", text, method="POST", media="application/json")
        add(f"non-finite float {text}", "/body/scalars", f'{{"i":1,"f":{text},"b":true,"s":""}}', method="POST", media="application/json")
        add(f"crash non-finite int {text}", "/body/scalars", f'{{"i":{text},"f":1,"b":true,"s":""}}', method="POST", media="application/json")
    add("lone surrogate accepted", "/body/text", r'"\ud800"', method="POST", media="application/json")
    add("crash lone surrogate refused", "/body/number", r'"\ud800"', method="POST", media="application/json")
    sealed = '{"name":"x"}'
    for label, raw in {"latin-1": '{"name":"é"}'.encode("latin-1"), "invalid": b"\xff", "truncated": b'"\xe2\x82"', "utf-8 bom": b"\xef\xbb\xbf" + sealed.encode(), "utf-16": sealed.encode("utf-16"), "utf-16-le": sealed.encode("utf-16-le"), "utf-32-be": sealed.encode("utf-32-be")}.items():
        add(f"encoding {label}", "/body/sealed", method="POST", media="application/json", raw=raw)
    add("crash not text", "/body/sealed", method="POST", media="text/plain", raw=b"\xff\xfe")
    for media in [None, "application/json; charset=latin-1", "APPLICATION/JSON", "application/problem+json", "application/+json", "application/json;", "application/json,text/plain", "application/jsonx", "text/json", "text/plain", "json", "application/", "application/xml", FORM, MULTIPART]:
        post_text("/body/sealed", sealed, media, prefix="media ")
    post_text("/body/sealed", "{bad", "text/plain", prefix="media ")


def part(name, value, filename=None):
    file = "" if filename is None else f'; filename="{filename}"\r\nContent-Type: text/plain'
    return f'--B\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n{value}\r\n'


def forms():
    for text in ["user=ab", "", "user", "user=", "user=a", "user=ab&age=", "user=ab&age=1&age=x", "user=ab&age=-1", "user=ab&roles=a&roles=b&roles=", "user=ab&agree=on", "user=ab&agree=x", "user=a&age=x&agree=2", "user=ab&unknown=1", "user=%ff%fe&age=%zz", "user=a+b&age=+1", "user=ab;age=x"]:
        post_text("/form/plain", text, FORM)
    for text in ["user=ab", "", "user=a", "age=1", "user=ab&zz=1&zz=2", "user=ab&zz=", "user=&age=x", "user=ab&age=&roles=a"]:
        post_text("/form/model", text, FORM)
    post_text("/form/plain", "user=ab", None)
    post_text("/form/plain", '{"user":"ab"}')
    post_text("/form/plain", "user=ab", FORM.upper() + "; charset=latin-1")
    end = "--B--\r\n"
    cases = {
        "/form/plain": [part("user", "ab"), part("user", "ab") + part("age", "x"), part("user", "")],
        "/form/file": [part("file", "abc", "f"), part("file", "abc", "f") + part("note", "n"), part("file", "abc"), part("file", "", ""), part("file", "", "f"), part("file", "x", ""), part("note", "n"), "", "--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n"],
        "/form/files": [part("raw", "abc", "f") + part("files", "x", "f") + part("files", "y", "g"), part("raw", "abcde", "f") + part("files", "x") + part("many", "x"), part("raw", "abcde"), part("raw", "abc") + part("files", "", "")],
    }
    for target, texts in cases.items():
        for text in texts:
            post_text(target, text + end, MULTIPART)
    for text, media in [(part("file", "abc", "f") + end, "multipart/form-data"), (part("file", "abc", "f") + end, "multipart/form-data; boundary=X"), ("garbage", MULTIPART), ("", MULTIPART), (part("file", "abc", "f"), MULTIPART), (None, None), ("{}", "application/json"), ("file=x", FORM)]:
        post_text("/form/file", text, media, prefix="bad ")
    post_text("/form/plain", "&".join(["user=ab"] * 1001), FORM, prefix="too many ")


def routing():
    for target in ["/nope", "/", "/slash", "/slash?n=x&a=%20", "/slash/", "/slash/?n=x", "/path/int", "/path/int/1//?x=1", "//path/int/1", "/PATH/int/1", "/pa%74h/int/1", "/path%2Fint%2F1", "/path/text/..", "/body/list/"]:
        get(target, prefix="routing ")
    for method, target in [("POST", "/path/int/x"), ("HEAD", "/path/int/1"), ("OPTIONS", "/path/int/1"), ("OPTIONS", "/nope"), ("GET", "/body/list"), ("PUT", "/things/1"), ("POST", "/slash"), ("POST", "/slash/")]:
        add(f"routing {method} {target}", target, method=method)


def blind():
    for value in [{"strict": "1"}, {"trimmed": " a "}, {"checked": 3}, {"since": "2019-01-01"}, {"amount": "1.234"}, {"amount": "123456"}, {"by_number": {"x": "a"}}, {"many": 1}, {"frozen": 1}, {"amount_or_flag": "x"}, {"code": "1"}, {"aware": "2024-01-01T00:00:00"}, {"record": 1}, {"point": 1}]:
        post("/blind/body", value, prefix="blind ")
    for target in ["/blind/filter", "/blind/filter?needed=1", "/blind/filter?needed=1&x=1&x=2", "/blind/headers", "/blind/rest/a/b", "/blind/rest/a/b/c/d/e/f", "/blind/rest/", "/blind/depends", "/blind/depends?skip=-1&own=x"]:
        get(target, prefix="blind ")
    depth = 300
    add("blind too deep", "/body/tree", '{"value":1,"children":[' * depth + '{"value":1}' + "]}" * depth, method="POST", media="application/json")


if __name__ == "__main__":
    for group in [paths, queries, headers_and_cookies, scalars, limits, nested, choices_and_unions, formats, bodies, malformed, forms, routing, blind]:
        group()
    for request in requests.values():
        print(json.dumps(request))
