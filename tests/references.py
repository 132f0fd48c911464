"""Slow, readable twins of the fast paths: numpy and Python loops, one heatmap at a time."""

import numpy as np


def gaussian(landmark, width, height, sigma):
    """(height, width) Gaussian of peak 1 at the landmark (x, y), cell by cell."""
    heatmap = np.zeros((height, width))
    for row in range(height):
        for column in range(width):
            square = (column - landmark[0]) ** 2 + (row - landmark[1]) ** 2
            heatmap[row, column] = np.exp(-square / (2 * sigma**2))
    return heatmap


def peak(heatmap):
    """(x, y) of the first largest cell."""
    row, column = np.unravel_index(np.argmax(heatmap), heatmap.shape)
    return int(column), int(row)


def strongest_window(heatmap, kernel_size, search_radius, edge='all'):
    """Upper left cell (x, y) of the window of largest sum, by trying all of them."""
    height, width = heatmap.shape
    if edge == 'official':
        height, width = height - 1, width - 1
    x, y = peak(heatmap)
    best, corner = -np.inf, None
    for top in range(height - kernel_size + 1):
        for left in range(width - kernel_size + 1):
            inside = (
                abs_range(left, kernel_size, x) <= search_radius
                and abs_range(top, kernel_size, y) <= search_radius
            )
            total = heatmap[top : top + kernel_size, left : left + kernel_size].sum()
            if inside and total > best:
                best, corner = total, (left, top)
    return corner


def abs_range(start, length, centre):
    """Largest distance of start ... start + length - 1 from the centre."""
    return max(abs(start - centre), abs(start + length - 1 - centre))


def linear_least_squares(stations, squared_ranges):
    """KeyPosS equations (11) to (14) by numpy's solver."""
    last, first = stations[-1], stations[:-1]
    matrix = last - first
    right = squared_ranges[:-1] - squared_ranges[-1] + (last**2).sum() - (first**2).sum(-1)
    return np.linalg.lstsq(matrix, right / 2, rcond=None)[0]


def range_cost(position, stations, squared_ranges):
    """POPoS equation (3) without its factor 1/2, station by station."""
    total = 0.0
    for station, squared_range in zip(stations, squared_ranges):
        total += (((station - position) ** 2).sum() - squared_range) ** 2
    return total


def gauss_newton(stations, squared_ranges, steps):
    """Steps from the origin on the residuals |a_i - c|^2 - d_i^2, of derivatives 2 (c - a_i)."""
    position = np.zeros(2)
    for _ in range(steps):
        residuals = ((stations - position) ** 2).sum(-1) - squared_ranges
        jacobian = 2 * (position - stations)
        position = position - np.linalg.solve(jacobian.T @ jacobian, jacobian.T @ residuals)
    return position
