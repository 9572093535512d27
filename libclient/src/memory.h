// Objects in malloc's memory: `new` and `delete` would need libstdc++.
#pragma once

#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

namespace reeve::client {

struct Destroy {
  template <class T>
  void operator()(T* object) const {
    object->~T();
    std::free(object);
  }
};

template <class T>
using Owned = std::unique_ptr<T, Destroy>;

// Null when memory ran out.
template <class T, class... Arguments>
Owned<T> make(Arguments&&... arguments) {
  void* const place = std::malloc(sizeof(T));
  if (place == nullptr) return nullptr;
  return Owned<T>(::new (place) T(std::forward<Arguments>(arguments)...));
}

template <class T>
void destroy(T* object) {
  if (object != nullptr) Destroy()(object);
}

}  // namespace reeve::client
