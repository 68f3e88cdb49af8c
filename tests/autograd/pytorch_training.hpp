// SPDX-License-Identifier: MIT
#pragma once

#include <autograd/pytorch_calls.hpp>

namespace xgrad {
namespace {

/// Learning rates, data and training. docs/pytorch.md shows these calls.
inline const std::vector<Row> kTraining = {
    // ## Learning rates
    ROW("torch.optim.lr_scheduler.StepLR(optimizer, 3, gamma=0.5)", optim::step_decay(0.1, 3, 0.5)),
    ROW("torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)", optim::exponential(0.1, 0.9)),
    ROW("torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10, eta_min=0.01)",
        optim::cosine(0.1, 10, 0.01)),
    ROW("torch.optim.lr_scheduler.LinearLR(optimizer, 1 / 4, total_iters=3)",
        optim::linear_warmup(4, optim::constant(0.1))),
    ROW("torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 if step < 2 else 0.5)",
        optim::Schedule([](auto step) { return step < 2 ? 0.1 : 0.05; })),
    // ## Data
    ROW_AFTER("loader = DataLoader(TensorDataset(logits, labels), batch_size=4); len(loader)",
              datasets::DataLoader loader(datasets::Dataset(logits.value(), labels, 4),
                                          {.batch_size = 4, .shuffle = false}),
              loader.batches()),
    ROW_AFTER("loader = DataLoader(TensorDataset(logits, labels), batch_size=4, drop_last=True); "
              "len(loader)",
              datasets::DataLoader loader(datasets::Dataset(logits.value(), labels, 4),
                                          {.batch_size = 4, .shuffle = false, .drop_last = true}),
              loader.batches()),
    ROW_AFTER("data = TensorDataset(logits, labels); losses = [F.cross_entropy(u, z).item() for u, "
              "z in DataLoader(data, batch_size=4)]; losses",
              const datasets::Dataset data(logits.value(), labels, 4);
              datasets::DataLoader loader(data, {.batch_size = 4, .shuffle = false});
              std::vector<Scalar> losses;
              for (auto& [u, z]
                   : loader) losses.push_back(cross_entropy(u, z).item()),
              losses),
    ROW_AFTER("data = TensorDataset(logits, target); losses = [F.mse_loss(u, z).item() for u, z in "
              "DataLoader(data, batch_size=4)]; losses",
              const datasets::Dataset data(logits.value(), target.value());
              datasets::DataLoader loader(data, {.batch_size = 4, .shuffle = false});
              std::vector<Scalar> losses; for (auto& [u, z]
                                               : loader) losses.push_back(mse_loss(u, z).item()),
                                          losses),
    // ## Training
    ROW("(logits.argmax(1) == labels).double().mean()",
        xt::mean(xt::equal(argmax(logits, 1), labels))()),
    ROW_AFTER(
        "for u, z in DataLoader(TensorDataset(logits, labels % 3), batch_size=4): "
        "optimizer.zero_grad(); F.cross_entropy(net(u), z).backward(); optimizer.step(); "
        "net(x)",
        datasets::DataLoader loader(datasets::Dataset(logits.value(), labels % 3, 3),
                                    {.batch_size = 4, .shuffle = false});
        for (auto& [u, z]
             : loader) {
          optimizer.zero_grad();
          cross_entropy(net(u), z).backward();
          optimizer.step();
        },
        net(x)),
    ROW_AFTER("for u, z in 2 * list(DataLoader(TensorDataset(logits, labels % 3), batch_size=4)): "
              "optimizer.zero_grad(); F.cross_entropy(net(u), z).backward(); optimizer.step(); "
              "net(x)",
              datasets::DataLoader loader(datasets::Dataset(logits.value(), labels % 3, 3),
                                          {.batch_size = 4, .shuffle = false});
              train::fit(net, optimizer, loader, {.epochs = 2}), net(x)),
    ROW("F.cross_entropy(net(logits), labels % 3)",
        train::evaluate(net, datasets::Dataset(logits.value(), labels % 3, 3)).loss),
    ROW("(net(logits).argmax(1) == labels % 3).double().mean()",
        train::evaluate(net, datasets::Dataset(logits.value(), labels % 3, 3)).accuracy),
    ROW("net.eval()(logits).detach()", train::predict(net, logits)),
    ROW_AFTER("net(x).sum().backward(); torch.save((net.state_dict(), optimizer.state_dict()), "
              "path); optimizer.step(); saved = torch.load(path); net.load_state_dict(saved[0]); "
              "optimizer.load_state_dict(saved[1]); net(x)",
              sum(net(x)).backward();
              train::save_checkpoint(path, net, optimizer, {}); optimizer.step();
              train::load_checkpoint(path, net, optimizer), net(x)),
};

}  // namespace
}  // namespace xgrad
