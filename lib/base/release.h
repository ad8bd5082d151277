// An owning pointer for a C type is an alias with its release function as template value:
//
//     using X509Ptr = std::unique_ptr<X509, Release<&X509_free>>;
#pragma once

#include <memory>

namespace tsp {

template <auto Free>
struct Release {
  template <class T>
  void operator()(T* pointer) const noexcept {
    Free(pointer);
  }
};

}  // namespace tsp
