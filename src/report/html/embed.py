#!/usr/bin/env python3
"""Puts the page of HTML reports together, as a C++ source of the pieces between which results stand.

Usage: embed.py DEPFILE OUTPUT FILE...

FILEs: the page (.html), its style (.css), its scripts in their order (.js), and, where there is one, the chart library
(.min.js) and its licences.
"""

import base64
import hashlib
import html
import pathlib
import sys


def read(path):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    # A browser would read them differently, and find another hash.
    assert "\r" not in text and "\0" not in text, f"{path}: CR or NUL"
    return text


def source_for_policy(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def script(path):
    text = read(path)
    for ending in ("</script", "<!--", "<script"):
        assert ending not in text.lower(), f"{path}: {ending} would end the element, or change its meaning"
    return text


def licences(paths):
    if not paths:
        return ""
    texts = "".join(f'<pre class="licence">{html.escape(read(path))}</pre>\n' for path in paths)
    return f"<details><summary>Licence of the charts</summary>\n{texts}</details>\n"


def literal(text):
    """A C++ literal in lines of a length that compilers and people can bear."""
    escapes = {ord('"'): '\\"', ord("\\"): "\\\\", ord("\n"): "\\n", ord("\t"): "\\t", ord("?"): "\\?"}
    lines = [text[at : at + 4000].translate(escapes) for at in range(0, len(text), 4000)]
    return "\n    ".join(f'"{line}"' for line in lines) or '""'


def write_depfile(depfile, output, inputs):
    """What ninja has to know of."""
    blanks = str.maketrans({" ": "\\ "})
    pathlib.Path(depfile).write_text(f"{output.translate(blanks)}: {' '.join(path.translate(blanks) for path in inputs)}\n", encoding="utf-8")


def main(depfile, output, *inputs):
    write_depfile(depfile, output, inputs)
    (page,) = [path for path in inputs if path.endswith(".html")]
    (style,) = [path for path in inputs if path.endswith(".css")]
    library = [path for path in inputs if path.endswith(".min.js")]
    parts = [path for path in inputs if path.endswith(".js") and path not in library]
    papers = [path for path in inputs if path not in (page, style, *library, *parts)]
    # One function, so that their names are not those of the page.
    own = "'use strict';\n(() => {\n" + "\n".join(map(script, parts)) + "})();\n"
    scripts = [*map(script, library), own]
    css = read(style)
    assert "</style" not in css.lower(), style
    policy = (
        f"default-src 'none'; script-src {' '.join(map(source_for_policy, scripts))}; "
        f"style-src {source_for_policy(css)}; base-uri 'none'; form-action 'none'"
    )
    text = read(page).replace("{{policy}}", policy).replace("{{style}}", css)
    before_title, rest = text.split("{{title}}")
    before_body, rest = rest.split("{{body}}\n")
    before_scripts, end = rest.split("{{scripts}}\n")
    assert not before_scripts
    elements = licences(papers) + "".join(f"<script>{text}</script>\n" for text in scripts)
    pathlib.Path(output).write_text(
        "// Made by src/report/html/embed.py.\n"
        '#include "report/html/page.hpp"\n\n'
        "namespace pipebench {\n\n"
        f"const PagePieces page_pieces{{\n"
        f"    .before_title =\n    {literal(before_title)},\n"
        f"    .before_body =\n    {literal(before_body)},\n"
        f"    .scripts =\n    {literal(elements)},\n"
        f"    .end =\n    {literal(end)},\n"
        f"    .has_charts = {'true' if library else 'false'},\n}};\n\n"
        "}  // namespace pipebench\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
