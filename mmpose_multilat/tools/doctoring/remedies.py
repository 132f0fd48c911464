"""Commands that mend an installation; the requirements files of the project say the same."""

BUILD_MMCV = (
    'pip install "setuptools<82" wheel ninja psutil && pip uninstall -y mmcv mmcv-lite && '
    'MMCV_WITH_OPS=1 pip install --no-build-isolation --no-cache-dir mmcv==2.1.0'
)
"""Torch has to be there while mmcv is built; pip's cache may hold a wheel without operators."""

NUMPY_1_STACK = 'pip install "numpy<2" "opencv-python<5" "pandas<3"'

REINSTALL_PACKAGE = 'pip install --force-reinstall --no-deps .'
"""To be run in the folder of this project."""

INSTALL = {
    'torch': 'pip install torch',
    'numpy': NUMPY_1_STACK,
    'cv2': 'pip install opencv-python==4.11.0.86',
    'scipy': 'pip install "scipy<1.16"',
    'matplotlib': 'pip install "matplotlib<3.11"',
    'mmengine': 'pip install mmengine==0.10.7',
    'mmcv': BUILD_MMCV,
    'mmcv.ops': BUILD_MMCV,
    'mmdet': 'pip install --no-deps mmdet==3.2.0',
    'mmpose': 'pip install --no-deps mmpose==1.3.2',
    'xtcocotools': 'pip install xtcocotools==1.14.3',
    'pkg_resources': 'pip install "setuptools<82"',
    'mim': 'pip install --no-deps openmim==0.3.9',
}
"""Module -> command that installs it. The requirements files of the project say the same."""

DISTRIBUTION_OF = {
    'PIL': 'pillow',
    'yaml': 'pyyaml',
    'skimage': 'scikit-image',
    'sklearn': 'scikit-learn',
}
"""Modules that are not installed under their own name."""
