// CurlLibrary: libcurl's process-wide part, built once by main() before anything that uses it.
//
// libcurl allocates from here: what it frees, and what it outgrows, is wiped first. Its buffers
// hold request bodies, credentials and answers.
#pragma once

namespace reeve {

class CurlLibrary final {
 public:
  CurlLibrary();
  ~CurlLibrary();
  CurlLibrary(const CurlLibrary&) = delete;
  CurlLibrary& operator=(const CurlLibrary&) = delete;

  bool ready() const { return ready_; }

 private:
  bool ready_ = false;
};

}  // namespace reeve
