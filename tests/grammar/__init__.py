"""A seeded grammar of self-evaluation forms: what they state, how they are laid out and changed.

``facts`` makes forms whose figures agree, ``labels`` holds what heads are called, ``design`` draws
a layout, ``laying`` lays the facts out in it, ``setting`` sets the cells as a file, and ``changes``
alters a form in ways of which it is known what must stay the same. ``systems``
and ``beside`` have head orders that systems print, with ``filling`` to fill them in; ``judging``
holds what was read against what was set. Nothing in here knows how forms are recognised.
"""
