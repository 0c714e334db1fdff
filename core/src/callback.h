#pragma once

#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace membrane {

/// A function that was handed over, with the face of std::function as far as the core needs it, in
/// less code: that of each function called is one function. It can be moved, not copied, and must
/// not be empty when it is called.
template <typename Signature>
class Callback;

template <typename Result, typename... Args>
class Callback<Result(Args...)> {
 public:
  Callback() = default;
  template <typename Function>
  requires(!std::is_same_v<Function, Callback> && std::is_invocable_r_v<Result, Function&, Args...>)
      Callback(Function function)
      : body_(new Holder<Function>(std::move(function))) {}
  Callback(Callback&& other) noexcept : body_(std::exchange(other.body_, nullptr)) {}
  Callback& operator=(Callback&& other) noexcept {
    std::swap(body_, other.body_);
    return *this;
  }
  ~Callback() {
    if (body_ && body_->destroy) body_->destroy(body_);
    ::operator delete(body_);
  }

  explicit operator bool() const { return body_ != nullptr; }
  Result operator()(Args... args) const { return body_->call(body_, std::forward<Args>(args)...); }

 private:
  struct Body {
    Result (*call)(Body*, Args...);
    void (*destroy)(Body*);  ///< none when there is nothing to do
  };
  template <typename Function>
  struct Holder : Body {
    explicit Holder(Function&& from) : Body{&run, nullptr}, function(std::move(from)) {
      if constexpr (!std::is_trivially_destructible_v<Function>)
        this->destroy = [](Body* body) { std::destroy_at(static_cast<Holder*>(body)); };
    }
    static Result run(Body* body, Args... args) {
      return static_cast<Holder*>(body)->function(std::forward<Args>(args)...);
    }
    Function function;
  };

  Body* body_ = nullptr;
};

}  // namespace membrane
