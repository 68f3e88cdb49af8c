// SPDX-License-Identifier: MIT
#include <xgrad/autograd/tensor.hpp>

#include <xgrad/autograd/internal/node.hpp>
#include <xgrad/autograd/testing.hpp>

#include <algorithm>
#include <array>
#include <atomic>

namespace xgrad::inline XGRAD_ABI {

using detail::Edges;
using detail::Node;
using detail::NodePtr;
using detail::Storage;

namespace {

thread_local constinit std::uint64_t newest = 0;  // the largest node id that this thread has used
thread_local constinit bool recording = true;

// Count the tensors that exist; live_tensors() returns the sum of the counters. There are several,
// because threads that each train a model would slow each other down with a single one. A counter
// may wrap below 0 if a thread frees tensors of another thread; the sum is still right.
struct alignas(64) Counter {
  std::atomic<std::size_t> value{0};
};
constinit std::array<Counter, 16> alive{};

Counter& counter() {
  static constinit std::atomic<std::size_t> threads{0};
  thread_local constinit Counter* mine = nullptr;
  if (mine == nullptr) mine = &alive[threads++ % alive.size()];
  return *mine;
}

std::shared_ptr<Storage> make_storage(Array array) {
  return std::allocate_shared<Storage>(Allocator<Storage>(), Storage{std::move(array)});
}

}  // namespace

// ---- Node

Node::Node(std::shared_ptr<Storage> s) : storage(std::move(s)), id(++newest) {
  counter().value.fetch_add(1, std::memory_order_relaxed);
}

// Frees the inputs with a list of the nodes to free. If each node freed its own inputs, a long
// chain would cause a deep recursion.
Node::~Node() {
  delete zeros.load(std::memory_order_relaxed);
  counter().value.fetch_sub(1, std::memory_order_relaxed);
  NodePtr doomed;
  const auto drop_inputs = [&doomed](Node& node) {
    for (detail::Edge& edge : node.edges) {
      NodePtr input = std::move(edge.input.node_);
      if (input.use_count() == 1 && !input->edges.empty()) {
        input->next = std::move(doomed);
        doomed = std::move(input);
      }
    }
    node.edges.clear();
  };
  drop_inputs(*this);
  while (doomed != nullptr) {
    const NodePtr node = std::move(doomed);
    doomed = std::move(node->next);
    drop_inputs(*node);
  }
}

NodePtr Node::make(std::shared_ptr<Storage> storage) {
  return std::allocate_shared<Node>(Allocator<Node>(), std::move(storage));
}

void Node::require_leaf(const char* where) const {
  if (is_leaf()) return;
  throw Error("[" + std::string(where) + "] the tensor must be a leaf, but it is the result of " +
              op + "; detach() returns a leaf");
}

// ---- Tensor

Tensor::Tensor() : Tensor(zeros({})) {}

Tensor::Tensor(Array value, bool requires_grad)
    : node_(Node::make(make_storage(std::move(value)))) {
  node_->requires_grad = requires_grad;
}

Tensor::Tensor(double value) : Tensor(full({}, static_cast<Scalar>(value))) {}

Array Tensor::vector_of(std::initializer_list<double> values) {
  Array array = empty({values.size()});
  std::transform(values.begin(), values.end(), array.data(),
                 [](double value) { return static_cast<Scalar>(value); });
  return array;
}

Tensor::Tensor(std::initializer_list<std::initializer_list<double>> rows)
    : Tensor(empty({rows.size(), rows.size() == 0 ? 0 : rows.begin()->size()})) {
  Scalar* to = node_->storage->array.data();
  for (const std::initializer_list<double>& row : rows) {
    if (row.size() != rows.begin()->size()) {
      throw ShapeError("[Tensor] all rows must have the same length, got " +
                       std::to_string(rows.begin()->size()) + " and " + std::to_string(row.size()));
    }
    for (const double value : row) *to++ = static_cast<Scalar>(value);
  }
}

Tensor Tensor::from(std::span<const Scalar> values, const Shape& shape) {
  if (values.size() != element_count(shape)) {
    throw ShapeError("[from] " + to_string(shape) + " needs " +
                     std::to_string(element_count(shape)) + " values, got " +
                     std::to_string(values.size()));
  }
  Array array = empty(shape);
  std::copy(values.begin(), values.end(), array.data());
  return Tensor(std::move(array));
}

Tensor::Tensor(std::shared_ptr<Node> node) : node_(std::move(node)) {}

const Array& Tensor::value() const& { return node_->storage->array; }
Array Tensor::value() && {
  Array& array = node_->storage->array;
  const bool is_only_owner = node_.use_count() == 1 && node_->storage.use_count() == 1;
  return is_only_owner ? std::move(array) : array;
}
Array Tensor::value() const&& { return value(); }
const Shape& Tensor::shape() const& { return value().shape(); }
Shape Tensor::shape() const&& { return shape(); }
std::size_t Tensor::ndim() const { return value().dimension(); }
std::size_t Tensor::size() const { return value().size(); }

Scalar Tensor::item() const {
  if (size() != 1) {
    throw ShapeError("[item] the tensor must have one element, its shape is " + to_string(shape()));
  }
  return *value().data();
}

Scalar Tensor::element(std::initializer_list<std::ptrdiff_t> indices) const {
  if (indices.size() != ndim()) {
    throw ShapeError("[at] a tensor of shape " + to_string(shape()) + " needs " +
                     std::to_string(ndim()) + " indices, got " + std::to_string(indices.size()));
  }
  std::size_t position = 0, axis = 0;
  for (const std::ptrdiff_t index : indices) {
    const std::size_t extent = shape()[axis++];
    position = position * extent + normalize_index("at", index, extent, axis - 1);
  }
  return value().data()[position];
}

bool Tensor::is_leaf() const { return node_->is_leaf(); }

bool Tensor::requires_grad() const { return node_->requires_grad; }

void Tensor::set_requires_grad(bool requires_grad) {
  node_->require_leaf("set_requires_grad");
  node_->requires_grad = requires_grad;
}

bool Tensor::has_grad() const { return node_->has_grad(); }

const Array& Tensor::grad() const& {
  node_->require_leaf("grad");
  if (node_->has_grad()) return std::as_const(*node_->grad).array();
  if (!node_->requires_grad) {
    throw Error("[grad] the tensor keeps no gradient; call set_requires_grad(true) before use");
  }
  const Array* shared = node_->zeros.load(std::memory_order_acquire);
  if (shared == nullptr) {
    auto made = std::make_unique<const Array>(zeros(shape()));
    // If another thread was faster, all threads use its zeros.
    if (node_->zeros.compare_exchange_strong(shared, made.get(), std::memory_order_acq_rel)) {
      shared = made.release();
    }
  }
  return *shared;
}

Array Tensor::grad() const&& { return grad(); }

void Tensor::zero_grad() {
  if (node_->grad != nullptr) node_->grad->clear();
}

void Tensor::assign(const Array& value) {
  node_->require_leaf("assign");
  require_same_shape("assign", shape(), value.shape());
  std::copy_n(value.data(), value.size(), mutable_value(*this).data());
}

Tensor Tensor::detach() const { return Tensor(Node::make(node_->storage)); }

Array& mutable_value(const Tensor& leaf) {
  const NodePtr& node = Node::of(leaf);
  node->require_leaf("overwrite");
  ++node->storage->version;
  return node->storage->array;
}

Array& mutable_grad(const Tensor& leaf) {
  static_cast<void>(raw_grad(leaf));  // throws if the leaf has no gradient
  return Node::of(leaf)->grad->array();
}

const Gradient& raw_grad(const Tensor& leaf) {
  if (leaf.has_grad()) return *Node::of(leaf)->grad;
  throw Error("[raw_grad] the tensor has no gradient; call backward() first");
}

// ---- Recording

SavedArray::SavedArray(Array array) : storage_(make_storage(std::move(array))), version_(0) {}

SavedArray::SavedArray(const Tensor& tensor)
    : storage_(Node::of(tensor)->storage), version_(storage_->version) {}

const Array& SavedArray::operator*() const {
  storage_->require_version(version_);
  return storage_->array;
}

void detail::Storage::require_version(std::uint64_t expected) const {
  if (version == expected) return;
  throw Error(
      "[backward] a tensor was overwritten (by assign() or an optimizer's step) after the forward "
      "pass used it; run the forward pass again before backward()");
}

detail::Edge detail::make_edge(const Tensor& input, std::unique_ptr<BackwardFunction> backward) {
  return {input, std::move(backward), Node::of(input)->storage->version};
}

Tensor detail::record(const char* op, SavedArray y, Edges edges) {
  // The new id must be above the ids of the inputs, which other threads may have created.
  for (const Edge& edge : edges) newest = std::max(newest, Node::of(edge.input)->id);
  NodePtr node = Node::make(std::move(Node::storage_of(y)));
  std::erase_if(edges, [](const Edge& edge) { return edge.backward == nullptr; });
  if (!edges.empty()) {
    node->op = op;
    node->edges = std::move(edges);
    node->requires_grad = true;
  }
  return Node::handle(std::move(node));
}

NoGradGuard::NoGradGuard() : previous_(recording) { recording = false; }
NoGradGuard::~NoGradGuard() { recording = previous_; }
bool grad_enabled() { return recording; }

std::size_t live_tensors() {
  std::size_t count = 0;
  for (const Counter& each : alive) count += each.value.load(std::memory_order_relaxed);
  return count;
}

}  // namespace xgrad::inline XGRAD_ABI
