"""Texts in languages beyond Swedish and English: in files beside those two, by code; in values as pairs, so that they
compare and hash."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar, get_args

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, GetPydanticSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # BCP 47
FIELD = "*"  # what holds them is called so towards pydantic: no code, and nothing that anybody writes
OWN = frozenset({"sv", "en", FIELD})
NOTHING: tuple[Any, ...] = (None, "", "~", "null", [], ())

Content = TypeVar("Content")


def _pairs(source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """Read {code: content} into pairs in the order of the codes."""
    _, content = get_args(get_args(source)[0])
    by_code = core_schema.dict_schema(core_schema.str_schema(), handler.generate_schema(content))
    return core_schema.no_info_after_validator_function(lambda read: tuple(sorted(read.items())), by_code)


Further = Annotated[tuple[tuple[str, Content], ...], GetPydanticSchema(_pairs), Field(alias=FIELD)]


class InFurther:
    """Has a field of `Further` languages, whose codes stand in files beside `sv` and `en`."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_gathered, handler(source))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        written = handler(schema)
        shape = handler.resolve_ref_schema(written)
        further = shape["properties"].pop(FIELD, None)
        if further:
            shape["patternProperties"] = {f"^{CODE.pattern}$": further["additionalProperties"]}
        return written


def _gathered(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    further = {code: value[code] for code in value if _is_further(code)}
    if not further:
        return value
    written = {code: content for code, content in further.items() if content not in NOTHING}
    return {**{name: inner for name, inner in value.items() if name not in further}, FIELD: written}


def _is_further(code: object) -> bool:
    return isinstance(code, str) and code not in OWN and CODE.fullmatch(code) is not None
