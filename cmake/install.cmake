# Filled by the packaging rules below.
