"""The configuration, checked before anything else runs: one line that names the key and the cure, or silence.

Keys are dotted paths, `models.llava.layers`. The schema (workflow/schemas/config.schema.yaml) describes every
key and is closed; what it cannot say, because it joins two keys or looks at the disk, is in checks.py.
"""

import math
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path

import jsonschema
import yaml

from linmech.config.bounds import bounded
from linmech.config.checks import problems
from linmech.config.checks_datasets import pairs_problems
from linmech.config.held_out import held_out_problem
from linmech.config.moved import moved
from linmech.errors import LinmechError
from linmech.suggestions import suggest

FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # for files of ours: what is nested too deep ends the process
FIRST = ("additionalProperties", "propertyNames", "pattern")
FEWEST = 4  # objects
_types = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
    "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
)
Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, type_checker=_types)


class MovedError(LinmechError):
    """A configuration of an older version: `str(error)` has a line for every key that moved."""

    def __init__(self, lines: list[str]):
        super().__init__(lines[0])
        self.args = ("\n".join(f"config key {line}" for line in lines),)


class UniqueKeys(yaml.SafeLoader):
    """SafeLoader that refuses a key given twice (YAML readers keep the last one in silence)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        """As SafeLoader; raises a MarkedYAMLError at a second use of a key."""
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(None, None, "a list or a mapping is no key", key.start_mark)
            if key.value in seen:
                raise yaml.MarkedYAMLError(None, None, f"key {key.value!r} is given twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read(path: str | Path) -> dict:
    """The mapping in a YAML file. LinmechError where it is not YAML in UTF-8, not a mapping, names a key twice, or is
    without end (`bounds`).
    """
    try:
        config = yaml.load(Path(path).read_text(encoding="utf-8-sig"), UniqueKeys)
    except FileNotFoundError:
        raise LinmechError(f"{path} does not exist; restore it with: git checkout {path}") from None
    except OSError as error:
        raise LinmechError(f"{path} cannot be read ({error.strerror}); name a file that you may read") from None
    except UnicodeDecodeError:
        raise LinmechError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    except RecursionError:
        raise LinmechError(f"{path} is nested without end; start from the config.yaml of the repository") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}, line {mark.line + 1}" if mark else str(path)
        problem = getattr(error, "problem", None) or error
        raise LinmechError(f"{where}: {problem}; correct that line") from None
    except ValueError as error:  # what YAML takes for a number or a date, and Python does not
        raise LinmechError(f"{path}: {error}; write it shorter, or in quotes") from None
    if not isinstance(config, Mapping):
        raise LinmechError(f"{path} holds no keys; start from the config.yaml of the repository")
    bounded(config, str(path))
    return dict(config)


def or_exit(check: Callable, *arguments: object) -> object:
    """What `check(*arguments)` returns; a LinmechError ends the program with its line on stderr and no traceback."""
    try:
        return check(*arguments)
    except LinmechError as error:
        sys.exit(f"error: {error}")


def validate(config: Mapping, schema_path: str | Path) -> None:
    """Raise a LinmechError, one line naming the key (dotted path) and the cure, unless `config` can be run.

    A misspelled key is told before what is missing because of it. Relative folders are sought in the working directory.
    """
    bounded(config)
    schema = yaml.load(Path(schema_path).read_text(), FAST)
    for problem in _not_plain(config):
        raise LinmechError(f"config key {problem}")
    if lines := list(moved(config)):
        raise MovedError(lines)
    errors = list(Validator(schema).iter_errors(config))
    if errors:
        first = min(errors, key=lambda error: (error.validator not in FIRST, [str(key) for key in error.absolute_path]))
        raise LinmechError(f"config key {_explain(first, schema, config)}")
    try:
        for problem in problems(config):
            raise LinmechError(f"config key {problem}")
    except OSError as error:
        raise LinmechError(f"a folder that the config names cannot be looked at ({error}); correct its path") from None


def enough_objects(config: Mapping, nouns: Collection[str], where: str) -> None:
    """Raise a LinmechError where the `nouns` of a run, which are listed in `where`, are fewer than four, too few for a
    data set's pairs, or for the share of them that is held out.
    """
    if len(nouns) < FEWEST:
        have = f"{len(nouns)} nouns" if len(nouns) != 1 else "one noun"
        raise LinmechError(f"config key objects: {where} has {have}, held-out objects need {FEWEST} or more; add some")
    for name, stanza in config["stimuli"].items():
        for problem in pairs_problems(f"stimuli.{name}", stanza, nouns, where):
            raise LinmechError(f"config key {problem}")
    held_out = config["ids"]["held_out"]
    if not isinstance(held_out, list) and (problem := held_out_problem(held_out, len(nouns))):
        raise LinmechError(f"config key {problem}")


def _explain(error: jsonschema.ValidationError, schema: Mapping, config: Mapping) -> str:
    """One line for one violation of the schema."""
    path = ".".join(str(key) for key in error.absolute_path)
    about, value = _about(schema, error.absolute_path, config), error.instance
    match error.validator:
        case "additionalProperties":
            known = list(error.schema["properties"])
            wrong = next(key for key in value if key not in known)
            return f"{_join(path, wrong)} is unknown; {suggest(wrong, known)}"
        case "required":
            missing = next(key for key in error.validator_value if key not in value)
            return (
                f"{_join(path, missing)} is missing; add it: {_about(schema, [*error.absolute_path, missing], config)}"
            )
        case "minProperties" | "minItems" if not value:
            return f"{path} is empty; give {about}"
        case "uniqueItems":
            return f"{path} has an entry twice in {value}; keep each once"
        case "enum":
            return f"{path} is {value!r}; {suggest(value, error.validator_value)}"
        case "pattern" if error.parent is None and "propertyNames" in error.absolute_schema_path:
            letters = [letter if letter.isascii() and letter.isalnum() else "-" for letter in value.lower()]
            fixed = "".join(letters).strip("-") or "model-1"
            return f"{_join(path, value)} is no valid name; use small letters, digits and -, e.g. {fixed}"
    if error.validator == "maximum" and f"{error.validator_value:g}" not in about:
        about += f", at most {error.validator_value:,}"
    return f"{path} is {value!r}; it must be {about}"


def _about(schema: Mapping, path: Iterable, instance: object) -> str:
    """What the schema says of the key at `path` in `instance`: the innermost description on the way."""
    root, about = schema, ""
    for key in path:
        if isinstance(key, int):
            schema = schema["items"]
        else:
            properties = schema.get("properties", {})
            schema = properties[key] if key in properties else schema["additionalProperties"]
        instance = _inside(instance, key)
        about = schema.get("description", about)
        schema = _resolved(schema, root, instance)
    return about


def _resolved(schema: Mapping, root: Mapping, instance: object) -> Mapping:
    """A schema without its reference, and without a choice that hangs on what `instance` says (`if`, `then`)."""
    if "$ref" in schema:
        return _resolved(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, instance)
    for choice in schema.get("allOf", []):
        if Validator(choice["if"]).is_valid(instance):
            return _resolved(choice["then"], root, instance)
    return schema


def _inside(instance: object, key: object) -> object:
    try:
        return instance[key]
    except (KeyError, IndexError, TypeError):
        return None


def _join(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


def _not_plain(value: object, path: str = "") -> Iterator[str]:
    """Keys that YAML did not read as text (`no`, `1`), and numbers that are none (.nan, .inf)."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                yield f'{_join(path, key)} was not read as text by YAML; write the name in quotes, "{key}"'
            yield from _not_plain(inner, _join(path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _not_plain(inner, _join(path, index))
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{path} is {value}; give a finite number"
