from torch import nn

from mmpose_multilat.analysis import measure_complexity


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.head = nn.Conv2d(8, 5, 1)
        self.unused = nn.Linear(10, 10, bias=False)

    def extract_feat(self, inputs):
        return self.backbone(inputs)


def test_counts_by_hand():
    counted = measure_complexity(Model(), (32, 16))
    assert counted.parameters_million * 1e6 == (3 * 9 * 8 + 8) + (8 * 5 + 5) + 100
    # 16x8 cells, each 27 products for 8 channels and 8 for 5.
    assert counted.gflops * 1e9 == 16 * 8 * (27 * 8 + 8 * 5)
