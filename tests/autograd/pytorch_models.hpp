// SPDX-License-Identifier: MIT
#pragma once

#include <autograd/pytorch_calls.hpp>

namespace xgrad {
namespace {

/// Gradients, layers, models and optimizers. docs/pytorch.md shows these calls.
inline const std::vector<Row> kModels = {
    // ## Gradients
    // clang-format takes x * y for the declaration of a pointer.
    // clang-format off
    ROW_AFTER("(x * y).sum().backward(); x.grad", sum(x * y).backward(), x.grad()),
    ROW("torch.autograd.grad((x * y).sum(), x)[0]", gradients(sum(x * y), {x})[0]),
    // clang-format on
    ROW_AFTER("(2 * x).backward(y.detach()); x.grad", (2 * x).backward(y.value()), x.grad()),
    ROW_AFTER("x.sum().backward(); x.exp().sum().backward(); x.grad", sum(x).backward();
              sum(exp(x)).backward(), x.grad()),
    ROW_AFTER("x.sum().backward(); x.grad = None; x.exp().sum().backward(); x.grad",
              sum(x).backward();
              x.zero_grad(); sum(exp(x)).backward(), x.grad()),
    ROW_AFTER("x.square().sum().backward(); x.data -= 0.1 * x.grad; x", sum(square(x)).backward();
              x.assign(x.value() - 0.1 * x.grad()), x),
    ROW_AFTER("h = 2 * x; h.retain_grad(); h.exp().sum().backward(); h.grad",
              const Tensor h = 2 * x, gradients(sum(exp(h)), {h})[0]),
    ROW_AFTER("with torch.no_grad(): z = 2 * x; z.requires_grad", const NoGradGuard no_grad;
              const Tensor z = 2 * x, z.requires_grad()),
    ROW_AFTER("x.requires_grad_(False); (2 * x).requires_grad", x.set_requires_grad(false),
              (2 * x).requires_grad()),
    ROW("(2 * x).is_leaf", (2 * x).is_leaf()),
    ROW("x.detach()", x.detach()),
    ROW("torch.autograd.grad(x.max(), x)[0]", gradients(max(x), {x})[0]),
    ROW("torch.autograd.grad(ties.amax((0, 2)).sum(), ties)[0]",
        gradients(sum(max(ties, {0, 2})), {ties})[0]),
    ROW("torch.autograd.grad(ties.amin(1).sum(), ties)[0]",
        gradients(sum(min(ties, 1)), {ties})[0]),
    ROW("torch.autograd.grad(ties.relu().sum(), ties)[0]", gradients(sum(relu(ties)), {ties})[0]),
    ROW("torch.autograd.grad(ties.abs().sum(), ties)[0]", gradients(sum(abs(ties)), {ties})[0]),
    ROW("torch.autograd.grad(ties.clamp(0, 1).sum(), ties)[0]",
        gradients(sum(clamp(ties, 0, 1)), {ties})[0]),
    ROW("torch.autograd.grad(F.elu(ties, 0.5).sum(), ties)[0]",
        gradients(sum(elu(ties, 0.5)), {ties})[0]),
    ROW("torch.autograd.grad(F.huber_loss(ties, 0 * ties), ties)[0]",
        gradients(huber_loss(ties, 0 * ties), {ties})[0]),
    ROW("torch.autograd.grad(F.cross_entropy(logits, labels, torch.tensor([1, 2, .5, 3]), "
        "label_smoothing=0.1), logits)[0]",
        gradients(
            cross_entropy(logits, labels, {.class_weights = {1, 2, .5, 3}, .label_smoothing = 0.1}),
            {logits})[0]),
    ROW("torch.autograd.grad(F.binary_cross_entropy_with_logits(logits, target), target)[0]",
        gradients(binary_cross_entropy_with_logits(logits, target), {target})[0]),
    // ## Layers
    ROW("nn.Linear(4, 3)", nn::Linear(4, 3, rng)),
    ROW("nn.Linear(4, 3, bias=False)", nn::Linear(4, 3, rng, {.bias = false})),
    ROW("nn.Conv2d(2, 3, 3)", nn::Conv2d(2, 3, 3, rng)),
    ROW("nn.Conv2d(2, 3, (3, 2), stride=2, padding=(1, 0), bias=False)",
        nn::Conv2d(2, 3, {3, 2}, rng, {.stride = 2, .padding = {1, 0}, .bias = false})),
    ROW("nn.MaxPool2d(2)", nn::MaxPool2d(2)),
    ROW("nn.MaxPool2d(3, stride=2, padding=1)", nn::MaxPool2d(3, {.stride = 2, .padding = 1})),
    ROW("nn.AvgPool2d((3, 2))", nn::AvgPool2d({3, 2})),
    ROW("nn.AvgPool2d(3, stride=1, padding=1)", nn::AvgPool2d(3, {.stride = 1, .padding = 1})),
    ROW("nn.BatchNorm1d(3)", nn::BatchNorm1d(3)),
    ROW("nn.BatchNorm2d(2)", nn::BatchNorm2d(2)),
    ROW("nn.BatchNorm2d(2, eps=1e-3, momentum=0.3)",
        nn::BatchNorm2d(2, {.eps = 1e-3, .momentum = 0.3})),
    ROW("nn.LayerNorm(4)", nn::LayerNorm(4)),
    ROW("nn.LayerNorm(4, eps=1e-3)", nn::LayerNorm(4, {.eps = 1e-3})),
    ROW("nn.Embedding(4, 3)", nn::Embedding(4, 3, rng)),
    ROW("nn.ReLU()", nn::ReLU()),
    ROW("nn.LeakyReLU(0.2)", nn::LeakyReLU(0.2)),
    ROW("nn.ELU(0.5)", nn::ELU(0.5)),
    ROW("nn.GELU()", nn::GELU()),
    ROW("nn.SiLU()", nn::SiLU()),
    ROW("nn.Softplus()", nn::Softplus()),
    ROW("nn.Tanh()", nn::Tanh()),
    ROW("nn.Sigmoid()", nn::Sigmoid()),
    ROW("nn.Softmax(dim=-1)", nn::Softmax()),
    ROW("nn.Softmax(dim=1)", nn::Softmax(1)),
    ROW("nn.Identity()", nn::Identity()),
    ROW("nn.Flatten()", nn::Flatten()),
    ROW("nn.Dropout(0.5)", nn::Dropout(0.5, rng)),
    ROW("nn.Sequential(nn.Conv2d(2, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(36, 4))",
        nn::Sequential{nn::Conv2d(2, 3, 2, rng), nn::ReLU(), nn::Flatten(),
                       nn::Linear(36, 4, rng)}),
    // ## Models
    ROW("net(x)", net(x)),
    ROW("net[0](x)", net[0](x)),
    ROW("len(list(net.parameters()))", net.parameters().size()),
    ROW_AFTER("sum(each.numel() for each in net.parameters())", std::size_t count = 0;
              for (const Tensor& each
                   : net.parameters()) count += each.size(),
              count),
    ROW("net.state_dict()['0.weight']", net.named_state()[0].second),
    ROW("dict(net.named_parameters())['2.bias']", net.named_parameters()[3].second),
    ROW_AFTER("net.train(); net.training", net.train(), net.is_training()),
    ROW_AFTER("net.eval(); net.training", net.eval(), net.is_training()),
    ROW_AFTER("net.requires_grad_(False); net(x.detach()).requires_grad",
              net.set_requires_grad(false), net(x.detach()).requires_grad()),
    ROW_AFTER("layer.weight.requires_grad_(False); len([p for p in layer.parameters() if "
              "p.requires_grad])",
              layer.weight.set_requires_grad(false),
              std::ranges::count_if(layer.parameters(), &Tensor::requires_grad)),
    ROW_AFTER("layer.bias.data.copy_(b); layer(x)", layer.bias = b, layer(x)),
    ROW_AFTER("nn.init.constant_(layer.weight, 0.5); layer(x)",
              nn::init::constant(layer.weight, 0.5), layer(x)),
    ROW_AFTER("seen = []; net[0].register_forward_hook(lambda module, u, z: seen.append(z)); "
              "net(x); seen[0]",
              Tensor seen;
              net[0].register_forward_hook([&](auto&, auto&, const Tensor& z) { seen = z; });
              net(x), seen),
    ROW_AFTER(
        "net(x).sum().backward(); net.zero_grad(); net(y).sum().backward(); net[0].weight.grad",
        sum(net(x)).backward();
        net.zero_grad(); sum(net(y)).backward(), net.parameters()[0].grad()),
    ROW_AFTER("other.load_state_dict(net.state_dict()); other(x)", other.load_state(net), other(x)),
    ROW_AFTER(
        "torch.save(net.state_dict(), path); other.load_state_dict(torch.load(path)); other(x)",
        train::save_parameters(path, net);
        train::load_parameters(path, other), other(x)),
    // ## Optimizers
    ROW("torch.optim.SGD(net.parameters(), lr=0.1)", optim::SGD(net.parameters(), {.lr = 0.1})),
    ROW("torch.optim.SGD(net.parameters(), lr=0.1, weight_decay=0.2)",
        optim::SGD(net.parameters(), {.lr = 0.1, .weight_decay = 0.2})),
    ROW("torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=0.2)",
        optim::Momentum(net.parameters(), {.lr = 0.1, .momentum = 0.9, .weight_decay = 0.2})),
    ROW("torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.2)",
        optim::NAG(net.parameters(), {.lr = 0.1, .momentum = 0.9, .weight_decay = 0.2})),
    ROW("torch.optim.Adagrad(net.parameters())", optim::AdaGrad(net.parameters())),
    ROW("torch.optim.Adagrad(net.parameters(), lr=0.1, eps=1e-3, weight_decay=0.2)",
        optim::AdaGrad(net.parameters(), {.lr = 0.1, .eps = 1e-3, .weight_decay = 0.2})),
    ROW("torch.optim.RMSprop(net.parameters(), lr=0.1, alpha=0.9, eps=1e-3, weight_decay=0.2)",
        optim::RMSProp(net.parameters(),
                       {.lr = 0.1, .rho = 0.9, .eps = 1e-3, .weight_decay = 0.2})),
    ROW("torch.optim.Adam(net.parameters())", optim::Adam(net.parameters())),
    ROW("torch.optim.Adam(net.parameters(), lr=0.1, betas=(0.8, 0.99), eps=1e-3, weight_decay=0.2)",
        optim::Adam(net.parameters(),
                    {.lr = 0.1, .beta1 = 0.8, .beta2 = 0.99, .eps = 1e-3, .weight_decay = 0.2})),
    ROW("torch.optim.AdamW(net.parameters())", optim::AdamW(net.parameters())),
    ROW("torch.optim.AdamW(net.parameters(), lr=0.1, betas=(0.8, 0.99), eps=1e-3, "
        "weight_decay=0.2)",
        optim::AdamW(net.parameters(),
                     {.lr = 0.1, .beta1 = 0.8, .beta2 = 0.99, .eps = 1e-3, .weight_decay = 0.2})),
    ROW("torch.optim.Adadelta(net.parameters())", optim::Adadelta(net.parameters())),
    ROW("torch.optim.Adadelta(net.parameters(), lr=0.1, rho=0.8, eps=1e-3, weight_decay=0.2)",
        optim::Adadelta(net.parameters(),
                        {.lr = 0.1, .rho = 0.8, .eps = 1e-3, .weight_decay = 0.2})),
    ROW("torch.optim.SGD([{'params': net[0].parameters()}, "
        "{'params': net[2].parameters(), 'lr': 0.05, 'weight_decay': 0.2}], lr=0.1)",
        optim::SGD({{.parameters = net[0].parameters()},
                    {.parameters = net[2].parameters(), .lr_scale = 0.5, .weight_decay = 0.2}},
                   {.lr = 0.1})),
    ROW_AFTER("F.mse_loss(net(x), y[:, :, :3]).backward(); optimizer.step(); net(x)",
              mse_loss(net(x), slice(y, 2, 0, 3)).backward();
              optimizer.step(), net(x)),
    ROW_AFTER("net(x).sum().backward(); optimizer.zero_grad(); net(y).sum().backward(); "
              "optimizer.step(); net(x)",
              sum(net(x)).backward();
              optimizer.zero_grad(); sum(net(y)).backward(); optimizer.step(), net(x)),
    ROW_AFTER("optimizer.param_groups[0]['lr'] = 0.5; optimizer.param_groups[0]['lr']",
              optimizer.set_learning_rate(0.5), optimizer.learning_rate()),
    ROW_AFTER("optimizer.add_param_group({'params': [x]}); x.sum().backward(); optimizer.step(); x",
              optimizer.add_group({.parameters = {x}});
              sum(x).backward(); optimizer.step(), x),
    ROW_AFTER("(x ** 3).sum().backward(); nn.utils.clip_grad_norm_([x], 1.)",
              sum(pow(x, 3)).backward(), optim::clip_grad_norm({x}, 1)),
    ROW_AFTER("(x ** 3).sum().backward(); nn.utils.clip_grad_value_([x], 1.); x.grad",
              sum(pow(x, 3)).backward();
              optim::clip_grad_value({x}, 1), x.grad()),
};

}  // namespace
}  // namespace xgrad
