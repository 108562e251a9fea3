"""The Studio's server: a workspace over HTTP for one person on this machine; defines the OpenAPI document the editor's types come from."""
