"""Where the weights of each name are, and the network that they belong to."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from mmpose.models.backbones import HRNet, MobileNetV2, ResNet
from torch import Tensor, nn

from mmpose_multilat.models.backbones.fast_hrnet import hrnetv2_stages
from mmpose_multilat.models.pretrained.names import mobilenet_v2_names

HUGGING_FACE = 'https://huggingface.co'
OPENMMLAB = 'https://download.openmmlab.com/pretrain/third_party'
CLASSIFIERS = 'https://download.openmmlab.com/mmclassification/v0'


@dataclass(frozen=True)
class Source:
    """Where the weights of one name are.

    Attributes:
        repository: timm's repository with these weights on the Hugging Face hub.
        url: The file that MMEngine takes.
        network: Builds the network that the weights belong to.
        rename: Gives the weights of a file the names that the network has.
    """

    repository: str
    url: str
    network: Callable[[], nn.Module]
    rename: Callable[[Mapping[str, Tensor]], dict[str, Tensor]] = dict

    def files(self) -> dict[str, str]:
        """Return the URL of every file that holds the weights, by its name on this machine."""
        name = self.repository.split('/')[-1]
        hub = (os.environ.get('HF_ENDPOINT') or HUGGING_FACE).rstrip('/')
        folder = f'{hub}/{self.repository}/resolve/main'
        return {
            f'{name}.bin': f'{folder}/pytorch_model.bin',
            f'{name}.safetensors': f'{folder}/model.safetensors',
            self.url.split('/')[-1]: self.url,
        }


# timm's copies of what MMEngine has under these names; MobileNetV2 timm has trained itself. Of
# HRNetV2-W18 it has others as well, of a longer training with more augmentation:
# hrnet_w18.ms_aug_in1k.
SOURCES: dict[str, Source] = {
    'open-mmlab://msra/hrnetv2_w18': Source(
        repository='timm/hrnet_w18.ms_in1k',
        url=f'{OPENMMLAB}/hrnetv2_w18-00eb2006.pth',
        network=partial(HRNet, extra=hrnetv2_stages(18)),
    ),
    'open-mmlab://msra/hrnetv2_w32': Source(
        repository='timm/hrnet_w32.ms_in1k',
        url=f'{OPENMMLAB}/hrnetv2_w32-dc9eeb4f.pth',
        network=partial(HRNet, extra=hrnetv2_stages(32)),
    ),
    'open-mmlab://msra/hrnetv2_w48': Source(
        repository='timm/hrnet_w48.ms_in1k',
        url=f'{OPENMMLAB}/hrnetv2_w48-d2186c55.pth',
        network=partial(HRNet, extra=hrnetv2_stages(48)),
    ),
    'mmcls://mobilenet_v2': Source(
        repository='timm/mobilenetv2_100.ra_in1k',
        url=f'{CLASSIFIERS}/mobilenet_v2/mobilenet_v2_batch256_imagenet_20200708-3b2dc3af.pth',
        network=MobileNetV2,
        rename=mobilenet_v2_names,
    ),
    'torchvision://resnet50': Source(
        repository='timm/resnet50.tv_in1k',
        url='https://download.pytorch.org/models/resnet50-0676ba61.pth',
        network=partial(ResNet, depth=50),
    ),
}
