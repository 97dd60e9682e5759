"""The part of JSON Schema 2020-12 that our documents use, stricter in one point: a field that a
schema does not name is wrong, because the documents describe exactly what the binary sends."""

import re

TYPES = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
    "integer": int, "number": (int, float),
}
KNOWN = {"$ref", "type", "enum", "const", "oneOf", "anyOf", "allOf", "properties", "required",
         "additionalProperties", "propertyNames", "items", "prefixItems", "minItems", "maxItems",
         "maxProperties", "pattern", "minLength", "maxLength", "minimum", "maximum", "format",
         "description", "title", "examples", "default", "uniqueItems", "discriminator",
         "contentMediaType", "writeOnly", "readOnly"}


class Mismatch(Exception):
    """A value is not as the schema says."""


class Validator:
    def __init__(self, document):
        self.document = document

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            target = self.document
            path = node["$ref"]
            assert path.startswith("#/"), path
            for part in path[2:].split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def check(self, schema, value, where="$", strict=True):
        """Raises Mismatch."""
        schema = self.resolve(schema)
        if schema is True:
            return
        unknown = set(schema) - KNOWN
        if unknown:
            raise Mismatch(f"{where}: the validator does not know {unknown}")
        self._type(schema, value, where)
        self._combinations(schema, value, where)
        if isinstance(value, dict):
            self._object(schema, value, where, strict)
        elif isinstance(value, list):
            self._array(schema, value, where)
        elif isinstance(value, str):
            self._string(schema, value, where)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
                raise Mismatch(f"{where}: {value} is out of range")

    def accepts(self, schema, value):
        try:
            self.check(schema, value)
        except Mismatch:
            return False
        return True

    def _type(self, schema, value, where):
        wanted = schema.get("type")
        if wanted is not None:
            names = wanted if isinstance(wanted, list) else [wanted]
            fits = any(isinstance(value, TYPES[n]) and
                       not (isinstance(value, bool) and n in ("integer", "number")) for n in names)
            if not fits:
                raise Mismatch(f"{where}: {value!r} is not {wanted}")
        if "const" in schema and value != schema["const"]:
            raise Mismatch(f"{where}: {value!r} is not {schema['const']!r}")
        if "enum" in schema and value not in schema["enum"]:
            raise Mismatch(f"{where}: {value!r} is none of {schema['enum']}")

    def _combinations(self, schema, value, where):
        for part in schema.get("allOf", []):
            self.check(part, value, where, strict=False)
        for word in ("oneOf", "anyOf"):
            if word not in schema:
                continue
            problems = []
            for choice in schema[word]:
                try:
                    self.check(choice, value, where, strict=False)
                except Mismatch as problem:
                    problems.append(str(problem))
            fitting = len(schema[word]) - len(problems)
            if fitting == 0 or (word == "oneOf" and fitting > 1):
                raise Mismatch(f"{where}: {fitting} of {word} fit: {problems}")

    def named(self, schema, value):
        """The fields that a schema and what it is combined of name; None when it allows any."""
        schema = self.resolve(schema)
        if "additionalProperties" in schema:
            return None
        names = set(schema.get("properties", {}))
        parts = list(schema.get("allOf", []))
        for choice in schema.get("oneOf", []) + schema.get("anyOf", []):
            try:
                self.check(choice, value, strict=False)
                parts.append(choice)
            except Mismatch:
                pass
        for part in parts:
            more = self.named(part, value)
            if more is None:
                return None
            names |= more
        return names

    def _object(self, schema, value, where, strict):
        for name in schema.get("required", []):
            if name not in value:
                raise Mismatch(f"{where}: {name} is missing")
        if len(value) > schema.get("maxProperties", len(value)):
            raise Mismatch(f"{where}: too many members")
        properties = schema.get("properties", {})
        for name, part in value.items():
            if name in properties:
                self.check(properties[name], part, f"{where}.{name}")
            elif isinstance(schema.get("additionalProperties"), dict):
                self.check(schema["additionalProperties"], part, f"{where}.{name}")
            elif schema.get("additionalProperties") is False:
                raise Mismatch(f"{where}: {name} is not allowed")
            if "propertyNames" in schema:
                self.check(schema["propertyNames"], name, f"{where} name")
        names = self.named(schema, value) if strict else None
        if names is not None and not set(value) <= names:
            raise Mismatch(f"{where}: not in the document: {set(value) - names}")

    def _array(self, schema, value, where):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            raise Mismatch(f"{where}: {len(value)} items")
        first = schema.get("prefixItems", [])
        for i, part in enumerate(value):
            if i < len(first):
                self.check(first[i], part, f"{where}[{i}]")
            elif "items" in schema:
                self.check(schema["items"], part, f"{where}[{i}]")

    def _string(self, schema, value, where):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            raise Mismatch(f"{where}: {len(value)} code points")
        if "pattern" in schema and not re.search(schema["pattern"], value):
            raise Mismatch(f"{where}: {value!r} does not match {schema['pattern']}")
