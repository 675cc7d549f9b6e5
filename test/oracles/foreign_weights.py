"""Weights as arcface_torch's users have them: `foreign_weights.py FOLDER`.

FOLDER/images.bin holds uint8 RGB planes [n, 3, 32, 32]. Writes model.pt (a state_dict), wrapped.pt (of a parallel
wrapper), checkpoint_gpu_0.pt and half.pt (float16), and prints the embeddings of the images as JSON, of the float16
weights apart.
"""

import json
import sys

import numpy as np
import torch
from reference_model import MobileFaceNet
from torch import nn

folder = sys.argv[1]
torch.manual_seed(5)
model = MobileFaceNet(blocks=[2, 1, 1, 0], scale=1, embedding_size=16, image_size=32)
for name, buffer in model.named_buffers():
    if name.endswith("running_mean"):
        buffer.normal_(0, 0.2)
    elif name.endswith("running_var"):
        buffer.uniform_(0.5, 2)
head = nn.Linear(16, 6, bias=False)
optimizer = torch.optim.SGD([{"params": model.parameters()}, {"params": head.parameters()}], lr=0.1, momentum=0.9)
images = torch.from_numpy(np.fromfile(f"{folder}/images.bin", dtype=np.uint8).reshape(-1, 3, 32, 32))
inputs = (images.float() - 127.5) / 127.5


def embed():
    with torch.no_grad():
        return model.eval()(inputs).flatten().tolist()


full = embed()
torch.save(model.state_dict(), f"{folder}/model.pt")
torch.save(nn.DataParallel(model).state_dict(), f"{folder}/wrapped.pt")
checkpoint = {
    "epoch": 1,
    "global_step": 0,
    "state_dict_backbone": model.state_dict(),
    "state_dict_softmax_fc": head.state_dict(),
    "state_optimizer": optimizer.state_dict(),
    "state_lr_scheduler": {"last_epoch": 0, "base_lrs": [0.1, 0.1]},
}
torch.save(checkpoint, f"{folder}/checkpoint_gpu_0.pt")
half = {name: value.half() if value.is_floating_point() else value for name, value in model.state_dict().items()}
torch.save(half, f"{folder}/half.pt")
model.load_state_dict(half)
print(json.dumps({"full": full, "half": embed()}))
