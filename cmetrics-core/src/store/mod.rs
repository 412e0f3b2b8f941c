//! Points that survive the program: a folder of segments and a log.

mod bytes;
