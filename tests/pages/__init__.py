"""The Markdown pages of the project: their code blocks, and the commands in them."""
