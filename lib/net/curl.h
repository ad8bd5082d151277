// libcurl, loaded when it is first needed. It brings some thirty libraries along (TLS, HTTP/2 and
// 3, LDAP, SSH, Kerberos), whose loading and relocating would cost every command, `tsp sign`
// without a network included, several milliseconds. So the program is not linked with it: types and
// option numbers come from <curl/curl.h>, the functions from dlsym. What libcurl allocates itself
// is wiped when it is freed; what OpenSSL allocates below it is not. Internal to the room.
#pragma once

#include <curl/curl.h>

#include <memory>

namespace tsp::net {

struct CurlLibrary {
  decltype(&curl_easy_init) easy_init;
  decltype(&curl_easy_cleanup) easy_cleanup;
  decltype(&curl_easy_perform) easy_perform;
  decltype(&curl_easy_strerror) easy_strerror;
  decltype(&curl_slist_append) slist_append;
  decltype(&curl_slist_free_all) slist_free_all;
  // Variadic: numbers must be long or curl_off_t as the option asks.
  CURLcode (*easy_setopt)(CURL*, CURLoption, ...);
  CURLcode (*easy_getinfo)(CURL*, CURLINFO, ...);
};

// Loads and initialises at the first call; never unloads. Safe from several threads. Error{failed}.
const CurlLibrary& curl_library();

}  // namespace tsp::net
