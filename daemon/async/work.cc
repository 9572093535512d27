#include "async/work.h"

#include <uv.h>

namespace reeve {
namespace {

struct Request {
  uv_work_t uv;
  Loop* loop;
  std::function<void()> function;
  Resolver<> done;
};

}  // namespace

void queue_work(Loop& loop, std::function<void()> function, Resolver<> done) {
  auto* request = new Request{{}, &loop, std::move(function), std::move(done)};
  request->uv.data = request;
  uv_queue_work(
      loop.raw(), &request->uv, [](uv_work_t* uv) { static_cast<Request*>(uv->data)->function(); },
      [](uv_work_t* uv, int) {
        auto* self = static_cast<Request*>(uv->data);
        Loop& own = *self->loop;
        self->function = nullptr;
        self->done.resolve({});
        delete self;
        own.drain();
      });
}

}  // namespace reeve
