"""Operations on data and prose: TOML, YAML, JSON, .env files, requirements, Markdown sections.

Every edit is a span: what it does not name stays byte for byte, comments and order included.
`keys` reads key paths and sends them to the format's own module.
"""
