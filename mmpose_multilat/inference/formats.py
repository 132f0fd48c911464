"""Formats of files by their names."""

IMAGE_SUFFIXES = (
    *('.avif', '.bmp', '.dib', '.jp2', '.jpe', '.jpeg', '.jpg', '.mpo', '.pbm', '.pgm'),
    *('.png', '.pnm', '.ppm', '.tif', '.tiff', '.webp'),
)
"""Files that are read as images where a folder or a pattern offers them."""

VIDEO_SUFFIXES = (
    *('.3g2', '.3gp', '.asf', '.avi', '.flv', '.gif', '.m2ts', '.m4v', '.mkv', '.mov', '.mp4'),
    *('.mpe', '.mpeg', '.mpg', '.mts', '.ogv', '.webm', '.wmv'),
)
"""Files that are read as videos; a GIF is mostly one."""

RAW = "a camera's raw data"
UNREAD_SUFFIXES = {
    **dict.fromkeys(('.heic', '.heif', '.hif'), 'HEIC'),
    **dict.fromkeys(('.arw', '.cr2', '.cr3', '.dng', '.nef', '.orf', '.raf', '.rw2'), RAW),
    '.jxl': 'JPEG XL',
}
"""Images that OpenCV does not read, and what they are: named as skipped, not passed over. Of raw
data it would read the small preview."""

DEEP_SUFFIXES = ('.pfm', '.tif', '.tiff')
"""Images that may have more than 16 bits. What OpenCV makes 8 bits of is black (PFM), or brighter
(TIFF with logarithmic values), or nothing (other TIFF)."""
