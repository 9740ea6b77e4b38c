"""Prints the syntax errors of source files, one a line. The language is the extension of the file."""

import sys

from tree_sitter_language_pack import get_parser


def errors(node):
    if node.is_error or node.is_missing:
        yield node
    for child in node.children:
        yield from errors(child)


for path in sys.argv[1:]:
    with open(path, "rb") as file:
        tree = get_parser(path.rsplit(".", 1)[1]).parse(file.read())
    for node in errors(tree.root_node):
        line, column = node.start_point
        print(f"{path}:{line + 1}:{column + 1}: {node.text[:60]!r}")
