"""The parts of a street front: rectangles in unit coordinates, and a layout of them from back to front."""

from typing import NamedTuple

# Painting order: what stands in front comes later. Facade is the wall; background needs no part of its own.
DEPTH = ("facade", "molding", "pillar", "cornice", "window", "door", "sill", "blind", "deco", "balcony", "shop")


class Part(NamedTuple):
    """Hold one rectangle of a street front; x runs right and y down, both from 0 to 1 over the picture."""

    kind: str
    left: float
    top: float
    right: float
    bottom: float

    def pixels(self, image_size: int) -> tuple[int, int, int, int]:
        """Round to whole pixels, at least one of them, inside the picture.

        Args:
            image_size: side of the picture in pixels.

        Returns:
            left, top, right, bottom, with 0 <= left < right <= image_size and the same for top and bottom.
        """
        left, top = (min(max(round(edge * image_size), 0), image_size - 1) for edge in (self.left, self.top))
        right, bottom = (min(round(edge * image_size), image_size) for edge in (self.right, self.bottom))
        return left, top, max(right, left + 1), max(bottom, top + 1)


class Street(NamedTuple):
    """Hold a layout: wall, line above the ground floor, whether the roof has windows, all parts in order."""

    wall: Part
    ground_floor: float
    dormers: bool
    parts: tuple[Part, ...]


def place(
    kind: str, across: tuple[float, float], down: tuple[float, float], width: float, height: float, centre: float
) -> Part:
    """Place an opening in a cell of the facade, in the middle of its width.

    Args:
        kind: a class of the labels.
        across: left and right of the cell.
        down: top and bottom of the cell.
        width: width of the opening, 0 to 1 of the cell's.
        height: its height, 0 to 1 of the cell's.
        centre: where its middle is, 0 (top) to 1 (bottom) of the cell; it never reaches below the cell.

    Returns:
        The opening.
    """
    middle, half = (across[0] + across[1]) / 2, (across[1] - across[0]) * width / 2
    tall = (down[1] - down[0]) * height
    top = min(down[0] + centre * (down[1] - down[0]) - tall / 2, down[1] - tall)
    return Part(kind, middle - half, top, middle + half, top + tall)
