"""What the SPDX project's own validator says of a document."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from stack.pypi import wheel  # noqa: E402  (tests/ is on the path now)

WHEELS = (
    ("spdx-tools", "0.8.3", "638fd9bd8be61901316eb6d063574e16d5403a1870073ec4d9241426a997501a"),
    ("beartype", "0.18.5", "5301a14f2a9a5540fe47ec6d34d758e9cd8331d36c4760fc7a5499ab86310089"),
    ("license-expression", "30.4.4", "421788fdcadb41f049d2dc934ce666626265aeccefddd25e162a26f23bcbf8a4"),
    ("boolean.py", "5.0", "ef28a70bd43115208441b53a045d1549e2f0ec6e3d08a9d142cbc41c1938e8d9"),
    ("uritools", "6.1.5", "6cc6b29458d7df933c8fcebafe766442265742875c339711986c8f6d639f8909"))


def wrong_with(document):
    """Sentences about a document, JSON as text; none when it is as the specification of its version has it."""
    for name, version, sha256 in WHEELS:
        folder = str(wheel(name, version, sha256, lambda member: True))
        if folder not in sys.path:
            sys.path.append(folder)
    from spdx_tools.spdx.parser.error import SPDXParsingError
    from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
    try:
        parsed = JsonLikeDictParser().parse(json.loads(document))
    except SPDXParsingError as refused:
        return refused.get_messages()
    return [message.validation_message for message in validate_full_spdx_document(parsed)]
