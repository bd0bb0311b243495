"""An original little film to try Echobot with: drawn, composed and captioned by this package, spoken by any voice."""

from local.samples.story.film import FontMissingError, Say, StoryPaths, make_story

__all__ = ["FontMissingError", "Say", "StoryPaths", "make_story"]
