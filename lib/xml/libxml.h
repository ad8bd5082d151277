// libxml2, loaded when the first document is read. It brings ICU along, whose loading and
// relocating would cost every command milliseconds. So the program is not linked with it: types
// come from its headers, the functions from dlsym. Internal to the room.
#pragma once

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>

namespace tsp::xml {

struct LibXml {
  decltype(&xmlNewParserCtxt) new_parser;
  decltype(&xmlFreeParserCtxt) free_parser;
  decltype(&xmlCtxtReadMemory) read_memory;
  decltype(&xmlStopParser) stop_parser;
  decltype(&xmlFreeDoc) free_document;
  decltype(&xmlUnlinkNode) unlink_node;
  decltype(&xmlFreeNode) free_node;
  decltype(&xmlC14NExecute) canonicalise;
  decltype(&xmlOutputBufferCreateIO) create_output;
  decltype(&xmlOutputBufferClose) close_output;
  decltype(&xmlSetStructuredErrorFunc) set_error_handler;  // of the calling thread
};

// Loads and initialises at the first call; never unloads. Safe from several threads. Error{failed}.
const LibXml& libxml();

// The library's words about malformed input are for a terminal; while this lives, on this thread,
// nobody hears them.
class Silence {
 public:
  Silence();
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence();
};

}  // namespace tsp::xml
