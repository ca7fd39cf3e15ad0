"""The weekly visibility report.

`period` names the week, `build` makes the `Report` of it (values in, value out: no file, no clock),
and one module per form turns it into text: `html`, `markdown`, `terminal`, and `plain` for JSON.
All but the last go through `sheet`, so that a number is put into words once and is the same in all.
"""
