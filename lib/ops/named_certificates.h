// Certificates that a user names: a file in PEM or DER, or a folder of such files.
#pragma once

#include <string>
#include <vector>

#include "x509/certificate.h"

namespace tsp::ops {

// Of one file, at least one. Error{bad_input} where there is none, {not_found}.
std::vector<x509::Certificate> certificates_of_file(const std::string& path);

// Of each path; a folder's .pem, .crt and .cer files. Error{bad_input} where a file is none, or a
// folder has none; {not_found}.
std::vector<x509::Certificate> named_certificates(const std::vector<std::string>& paths);

}  // namespace tsp::ops
