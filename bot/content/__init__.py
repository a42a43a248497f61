"""YAML files ⇄ knowledge: read strictly, typed once, laid in layers."""
