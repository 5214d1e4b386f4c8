"""What Jupyter saves of a notebook."""

from deftunes.run.notebook import without_outputs


def test_saved_notebook_is_without_outputs_and_else_as_it_was() -> None:
    text, code = {"cell_type": "markdown", "source": "# A"}, {"cell_type": "code", "source": "1 + 1"}
    model = {
        "type": "notebook",
        "content": {"cells": [text, {**code, "outputs": [{"text": "2"}], "execution_count": 4}]},
    }
    without_outputs(model, path="lake.ipynb", contents_manager=None)
    assert model["content"]["cells"] == [text, {**code, "outputs": [], "execution_count": None}]


def test_saved_text_file_is_left_alone() -> None:
    model = {"type": "file", "content": "outputs"}
    without_outputs(model)
    assert model == {"type": "file", "content": "outputs"}
