"""A stand-in of Intelligent Media Services (ICE 2020-11-09): jobs that render, read captions, split music, listen."""
