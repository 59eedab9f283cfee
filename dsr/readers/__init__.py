"""The newspaper's own records about its readers, a Django app the core never imports: replace it with yours.

``models/`` the tables, ``sources/`` what the core is told about them, ``admin.py`` the newsroom's view of them,
``wordpress.py`` and ``wxr.py`` the import of a WordPress export, ``demo/`` a believable invented newspaper.
"""
