"""MobileFaceNet, IResNet and the margin softmax in PyTorch, with arcface_torch's parameter names, written for these tests."""

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def conv_norm(channels, out, kernel, stride=1, padding=None, groups=1, activation=True):
    """Convolution, BatchNorm and, with `activation`, PReLU as `.layers.0`, `.layers.1`, `.layers.2`."""
    padding = kernel // 2 if padding is None else padding
    layers = [nn.Conv2d(channels, out, kernel, stride, padding, groups=groups, bias=False), nn.BatchNorm2d(out)]
    if activation:
        layers.append(nn.PReLU(out))
    return Layers(*layers)


class Layers(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)


class Skip(Layers):
    def forward(self, x):
        return x + self.layers(x)


def bottleneck(channels, out, inner, stride, kind=Layers):
    return kind(
        conv_norm(channels, inner, 1),
        conv_norm(inner, inner, 3, stride, groups=inner),
        conv_norm(inner, out, 1, activation=False),
    )


def level(channels, inner, count):
    return Layers(*(bottleneck(channels, channels, inner, 1, Skip) for _ in range(count)))


class MobileFaceNet(nn.Module):
    def __init__(self, blocks, scale, embedding_size, image_size):
        super().__init__()
        narrow, wide = 64 * scale, 128 * scale
        first = conv_norm(narrow, narrow, 3, groups=64) if blocks[0] == 1 else level(narrow, 128, blocks[0])
        self.layers = nn.ModuleList(
            [
                conv_norm(3, narrow, 3, 2),
                first,
                bottleneck(narrow, narrow, 128, 2),
                level(narrow, 128, blocks[1]),
                bottleneck(narrow, wide, 256, 2),
                level(wide, 256, blocks[2]),
                bottleneck(wide, wide, 512, 2),
                level(wide, 256, blocks[3]),
            ]
        )
        self.conv_sep = conv_norm(wide, 512, 1)
        self.features = Layers(
            conv_norm(512, 512, image_size // 16, padding=0, groups=512, activation=False),
            nn.Flatten(),
            nn.Linear(512, embedding_size, bias=False),
            nn.BatchNorm1d(embedding_size),
        )

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.features(self.conv_sep(x))


class Block(nn.Module):
    def __init__(self, channels, out, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.prelu = nn.PReLU(out)
        self.conv2 = nn.Conv2d(out, out, 3, stride, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)
        if stride > 1:
            self.downsample = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))
        else:
            self.downsample = nn.Identity()

    def forward(self, x):
        inside = self.prelu(self.bn2(self.conv1(self.bn1(x))))
        return self.bn3(self.conv2(inside)) + self.downsample(x)


class IResNet(nn.Module):
    def __init__(self, layers, embedding_size, image_size):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.prelu = nn.PReLU(64)
        channels = 64
        for level, count in enumerate(layers):
            out = 64 * 2**level
            blocks = [Block(channels if index == 0 else out, out, 2 if index == 0 else 1) for index in range(count)]
            self.add_module(f"layer{level + 1}", nn.Sequential(*blocks))
            channels = out
        self.bn2 = nn.BatchNorm2d(channels)
        self.fc = nn.Linear(channels * (image_size // 16) ** 2, embedding_size)
        self.features = nn.BatchNorm1d(embedding_size)
        self.features.weight.requires_grad = False

    def forward(self, x):
        x = self.prelu(self.bn1(self.conv1(x)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.features(self.fc(self.bn2(x).flatten(1)))


def build(network):
    """The network of a request: `layers` of an IResNet, or `blocks` and `scale` of a MobileFaceNet."""
    sizes = network["embeddingSize"], network["imageSize"]
    if "layers" in network:
        return IResNet(network["layers"], *sizes)
    return MobileFaceNet(network["blocks"], network["scale"], *sizes)


def margin_of(target, head, quality):
    """The cosine of the true class with its margin."""
    margin = head["margin"]
    if margin["name"] == "cosface":
        return target - margin["m"]
    if margin["name"] == "adaface":
        m = margin["m"]
        angle = (torch.acos(target) - m * quality).clamp(ADAFACE_EPSILON, math.pi - ADAFACE_EPSILON)
        return torch.cos(angle) - (m + m * quality)
    exact = head["marginGradient"] == "exact"
    if margin["name"] == "arcface":
        m1, m2, m3 = 1, margin["m"], 0
        if exact:
            widened = target * math.cos(m2) - torch.sqrt(1 - target**2) * math.sin(m2)
            return torch.where(target > math.cos(math.pi - m2), widened, target - math.sin(math.pi - m2) * m2)
    else:
        m1, m2, m3 = margin["m1"], margin["m2"], margin["m3"]
    widened = torch.cos(m1 * torch.acos(target) + m2) - m3
    return widened if exact else target + (widened - target).detach()


ADAFACE_EPSILON = 1e-3


@torch.no_grad()
def adaface_quality(embedding, margin, statistics):
    """AdaFace's image quality in [-1, 1], [N, 1]; moves the running mean and deviation of norms."""
    norms = embedding.norm(dim=1, keepdim=True).clamp(0.001, 100)
    alpha = margin["t_alpha"]
    for name, value in [("batch_mean", norms.mean()), ("batch_std", norms.std())]:
        statistics[name] = alpha * value + (1 - alpha) * statistics[name]
    distance = (norms - statistics["batch_mean"]) / (statistics["batch_std"] + ADAFACE_EPSILON)
    return (distance * margin["h"]).clamp(-1, 1)


def margin_softmax(embedding, weight, labels, head, statistics=None):
    """
    Loss with the gradient of cross entropy, and its value with probabilities clamped at 1e-30. AdaFace's `statistics`
    are batch_mean and batch_std.
    """
    adaface = head["margin"]["name"] == "adaface"
    limit = 1 - ADAFACE_EPSILON if adaface else 1
    quality = adaface_quality(embedding, head["margin"], statistics) if adaface else None
    cosines = F.linear(F.normalize(embedding), F.normalize(weight)).clamp(-limit, limit)
    index = labels[:, None]
    threshold = head["interclassFilteringThreshold"]
    if threshold > 0:
        dropped = (cosines > threshold).scatter(1, index, False)
        cosines = cosines.masked_fill(dropped, 0)
    logits = cosines.scatter(1, index, margin_of(cosines.gather(1, index), head, quality)) * head["scale"]
    probability = torch.softmax(logits, 1).gather(1, index)
    return F.cross_entropy(logits, labels), -probability.clamp_min(1e-30).log().mean().item()


def hashed(count, salt):
    """Unsigned 32-bit integers that the tests make in the same way."""
    x = np.arange(count, dtype=np.uint32) * np.uint32(2654435761) + np.uint32((salt * 40503 + 12345) % 2**32)
    x ^= x >> np.uint32(15)
    x *= np.uint32(2246822519)
    x ^= x >> np.uint32(13)
    x *= np.uint32(3266489917)
    return x ^ (x >> np.uint32(16))


def hashed_values(shape, salt, base, spread):
    """float32 around `base`, at most `spread` away."""
    count = int(np.prod(shape))
    unit = (hashed(count, salt) >> np.uint32(8)).astype(np.float64) / 2**23 - 1
    return (base + spread * unit).astype(np.float32).reshape(shape)


def rounded(value):
    return float(f"{value:.10g}")


def summarize(value, value32):
    """What a golden file keeps of a tensor: norm, what float32 differs by, five elements."""
    flat = value.ravel()
    return {
        "norm": rounded(np.linalg.norm(flat)),
        "float32": rounded(np.linalg.norm(value32.ravel().astype(np.float64) - flat)),
        "samples": [rounded(flat[k * (flat.size - 1) // 4]) for k in range(5)],
    }
