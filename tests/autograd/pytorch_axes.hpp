// SPDX-License-Identifier: MIT
#pragma once

#include <autograd/pytorch_calls.hpp>

namespace xgrad {
namespace {

/// Ops along every axis of a tensor whose extents differ, broadcasting along two axes, numbers, and
/// the ops of layers. docs/pytorch.md leaves these calls out.
inline const std::vector<Row> kAxes = {
    ROW("x.sum(0)", sum(x, 0)),
    ROW("x.sum(2)", sum(x, 2)),
    ROW("x.sum((1, 2), keepdim=True)", sum(x, {1, 2}, true)),
    ROW("x.mean(0)", mean(x, 0)),
    ROW("x.mean(1)", mean(x, 1)),
    ROW("x.mean(2)", mean(x, 2)),
    ROW("x.mean((1, 2), keepdim=True)", mean(x, {1, 2}, true)),
    ROW("x.amax(0)", max(x, 0)),
    ROW("x.amax(2)", max(x, 2)),
    ROW("x.amax((1, 2), keepdim=True)", max(x, {1, 2}, true)),
    ROW("x.amin(0)", min(x, 0)),
    ROW("x.amin(1)", min(x, 1)),
    ROW("x.amin(2)", min(x, 2)),
    ROW("x.amin((1, 2), keepdim=True)", min(x, {1, 2}, true)),
    ROW("x.var(0)", var(x, 0)),
    ROW("x.var(2)", var(x, 2)),
    ROW("x.var(0, unbiased=False)", var(x, 0, 0)),
    ROW("x.var(1, unbiased=False)", var(x, 1, 0)),
    ROW("x.var(2, unbiased=False)", var(x, 2, 0)),
    ROW("x.argmax(0)", argmax(x, 0)),
    ROW("x.argmax(2)", argmax(x, 2)),
    ROW("x.argmin(0)", argmin(x, 0)),
    ROW("x.argmin(1)", argmin(x, 1)),
    ROW("x.argmin(2)", argmin(x, 2)),
    ROW("x.softmax(0)", softmax(x, 0)),
    ROW("x.softmax(2)", softmax(x, 2)),
    ROW("x.log_softmax(1)", log_softmax(x, 1)),
    ROW("x.log_softmax(2)", log_softmax(x, 2)),
    ROW("torch.cat((x, y), 0)", concatenate({x, y}, 0)),
    ROW("torch.stack((x, y), 0)", stack({x, y}, 0)),
    ROW("x.unsqueeze(0)", unsqueeze(x, 0)),
    ROW("x.index_select(0, torch.tensor([1, 0, 1]))", index_select(x, 0, {1, 0, 1})),
    ROW("x.narrow(0, 1, 1)", slice(x, 0, 1, 2)),
    ROW("x.gather(0, index % 2)", gather(x, 0, index % 2)),
    ROW("torch.stack((x, y), 1)", stack({x, y}, 1)),
    ROW("x.index_select(1, torch.tensor([1, 0, 1]))", index_select(x, 1, {1, 0, 1})),
    ROW("x.narrow(1, 1, 1)", slice(x, 1, 1, 2)),
    ROW("x.gather(1, index % 2)", gather(x, 1, index % 2)),
    ROW("torch.cat((x, y), 2)", concatenate({x, y}, 2)),
    ROW("torch.stack((x, y), 2)", stack({x, y}, 2)),
    ROW("x.unsqueeze(2)", unsqueeze(x, 2)),
    ROW("x.index_select(2, torch.tensor([1, 0, 1]))", index_select(x, 2, {1, 0, 1})),
    ROW("x.narrow(2, 1, 1)", slice(x, 2, 1, 2)),
    ROW("x.gather(2, index % 2)", gather(x, 2, index % 2)),
    ROW("x.permute(1, 2, 0)", permute(x, {1, 2, 0})),
    ROW("x.transpose(1, 2)", transpose(x, 1, 2)),
    ROW("x.transpose(0, 1)", transpose(x, 0, 1)),
    ROW("x.flatten(0, 1).flatten(1)", flatten(reshape(x, {6, 4}))),
    ROW("v + x[:, :1]", v + slice(x, 1, 0, 1)),
    ROW("v - x[:, :1]", v - slice(x, 1, 0, 1)),
    // clang-format takes v * slice(...) for the declaration of a pointer.
    // clang-format off
    ROW("v * x[:, :1]", v * slice(x, 1, 0, 1)),
    // clang-format on
    ROW("v / p[:, :1]", v / slice(p, 1, 0, 1)),
    ROW("torch.maximum(v, x[:, :1])", maximum(v, slice(x, 1, 0, 1))),
    ROW("torch.minimum(v, x[:, :1])", minimum(v, slice(x, 1, 0, 1))),
    ROW("torch.where(v > 0, x[:1], x[:, :1])",
        where(v.value() > 0, slice(x, 0, 0, 1), slice(x, 1, 0, 1))),
    ROW("x + 2", x + 2),
    ROW("x - 2", x - 2),
    ROW("2 - x", 2 - x),
    ROW("x / 3", x / 3),
    ROW("F.conv2d(image, s.reshape(3, 2, 3, 4), m[:, 0])",
        conv2d(image, reshape(s, {3, 2, 3, 4}), squeeze(slice(m, 1, 0, 1), 1))),
    ROW("F.max_pool2d(image, (3, 2))", max_pool2d(image, {3, 2})),
    ROW("F.avg_pool2d(image, (3, 2))", avg_pool2d(image, {3, 2})),
    ROW("F.batch_norm(x, None, None, m[:, 0], m[:, 1], training=True)",
        batch_norm(x, squeeze(slice(m, 1, 0, 1), 1), squeeze(slice(m, 1, 1, 2), 1))),
    ROW("F.batch_norm(x, m[:, 2].detach(), m[:, 3].detach().square(), m[:, 0], m[:, 1])",
        batch_norm(x, squeeze(slice(m, 1, 0, 1), 1), squeeze(slice(m, 1, 1, 2), 1),
                   squeeze(slice(m, 1, 2, 3), 1), square(squeeze(slice(m, 1, 3, 4), 1)))),
    ROW("F.layer_norm(x, (4,), v, 2 * v)", layer_norm(x, v, 2 * v)),
    ROW("F.layer_norm(x, (3, 4), s[0, 0], s[1, 0])",
        layer_norm(x, reshape(s[0], {3, 4}), reshape(s[1], {3, 4}))),
    ROW("F.embedding(index, w)", embedding(index, w)),
};

}  // namespace
}  // namespace xgrad
